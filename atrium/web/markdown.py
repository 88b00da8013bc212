"""Markdown of models and members as HTML that can do nothing: no markup, no remote picture."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
from pygments.util import ClassNotFound  # type: ignore[import-untyped]

LONGEST_HIGHLIGHT = 20_000
_TAGS = {
    *(
        "p",
        "br",
        "hr",
        "blockquote",
        "ul",
        "ol",
        "li",
        "strong",
        "em",
        "s",
        "code",
        "pre",
        "a",
        "span",
    ),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "div"),
}
_DIRECTED = ("p", "ul", "ol", "blockquote", "table", "h1", "h2", "h3", "h4", "h5", "h6")
_ATTRIBUTES = {
    **{tag: {"dir"} for tag in _DIRECTED},
    "a": {"href", "class"},
    "span": {"class"},
    "code": {"class"},
    "ol": {"dir", "start"},
}
_SCHEMES = {"http", "https", "mailto"}
_CITED = re.compile(r"\[(\d{1,3})\]")
_HREF = re.compile(r'href="([^"]*)"')


def render(text: str, *, citations: Mapping[int, str] | None = None) -> SafeString:
    """Return ``text`` as safe HTML; ``[n]`` becomes a link where ``citations`` knows it."""
    html = _parser.render(text, {"citations": citations or {}})
    clean = nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener nofollow"
    )
    return mark_safe(_HREF.sub(_checked, clean))  # noqa: S308  what nh3 leaves, checked once more


def _checked(found: "re.Match[str]") -> str:
    """Let an address through only when it is known to be harmless."""
    address = found[1]
    if re.fullmatch(r"#[\w-]+|/(?![/\\])[^\s\\]*", address):
        return found[0]
    parts = urlsplit(address.replace("&amp;", "&"))
    known = parts.scheme in _SCHEMES and (parts.netloc or parts.scheme == "mailto")
    return found[0] if known else 'href="#"'


def _text(
    _self: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, env: Mapping[str, Any]
) -> str:
    citations = env["citations"]

    def cited(found: "re.Match[str]") -> str:
        address = citations.get(int(found[1]))
        return f'<a class="cite" href="{address}">{found[1]}</a>' if address else found[0]

    return _CITED.sub(cited, escape(tokens[at].content))


def _image(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Mapping[str, Any]
) -> str:
    """A remote picture would tell its server who reads what: its address is shown as a link."""
    alt = self.renderInlineAsText(tokens[at].children, options, env)  # type: ignore[arg-type]
    address = str(tokens[at].attrGet("src") or "")
    return f'<a href="{escape(address)}">{escape(alt or address)}</a>'


def _highlighted(code: str, language: str, _attributes: str) -> str:
    if not language or len(code) > LONGEST_HIGHLIGHT:
        return ""
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return ""
    return str(highlight(code, lexer, HtmlFormatter(nowrap=True)))


def _read_as_written(state: StateCore) -> None:
    """Have each block run in the direction of its own words, whatever the page's is."""
    for token in state.tokens:
        if token.level == 0 and token.nesting == 1:
            token.attrSet("dir", "auto")


def _below_the_page(state: StateCore) -> None:
    """Rank headings under the page's own, without a gap: it is a part of a page, not a page."""
    headings = [token for token in state.tokens if token.type.startswith("heading_")]
    used = sorted({token.tag for token in headings})
    above = 1
    for token in headings:
        if token.nesting == 1:
            above = min(used.index(token.tag) + 2, above + 1)
        token.tag = f"h{min(above, 6)}"


_parser = MarkdownIt(
    "commonmark", {"html": False, "linkify": False, "highlight": _highlighted}
).enable(["table", "strikethrough"])
_parser.core.ruler.push("direction", _read_as_written)
_parser.core.ruler.push("headings", _below_the_page)
_parser.add_render_rule("text", _text)
_parser.add_render_rule("image", _image)
