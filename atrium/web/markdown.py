"""Markdown of models and members as HTML that can do nothing: no markup, no remote picture."""

import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, NamedTuple

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore, block, normalize
from markdown_it.token import Token

from atrium.web import code, departures, formulas, unfinished

_TAGS = {
    *("p", "br", "hr", "blockquote", "ul", "ol", "li", "strong", "em", "s", "sup", "code", "pre"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
    *("a", "span", "div"),
    *formulas.TAGS,
}
_DIRECTED = ("p", "ul", "ol", "blockquote", "table", "h1", "h2", "h3", "h4", "h5", "h6")
_ATTRIBUTES = {
    **{tag: {"dir"} for tag in _DIRECTED},
    "a": {"href", "class", "target"},
    "span": {"class", "role", "aria-label"},
    "div": {"class", "dir"},
    "code": {"class"},
    "li": {"class"},
    "ol": {"dir", "start"},
    "th": {"class"},
    "td": {"class"},
    **formulas.ATTRIBUTES,
}
_OWN_ADDRESS = re.compile(r"#[\w-]+|/(?![/\\])[^\s\\]*")
_CITED = re.compile(r"\[\^?(\d{1,3})\]")
_TASK = re.compile(r"\[([ xX])\]\s+")
_BARE = re.compile(r"https?://[^\s<>\"'`|\\^{}\[\]]+")
_AFTER_AN_ADDRESS = ".,;:!?…*_~"
_ALIGNED = {"text-align:left": "start", "text-align:center": "middle", "text-align:right": "end"}


def render(text: str, *, citations: Mapping[int, str] | None = None) -> SafeString:
    """Return ``text`` as safe HTML; ``[n]`` becomes a link where ``citations`` knows it."""
    return _clean(_parser.render(text, {"citations": citations or {}}))


class Growing(NamedTuple):
    """A text of which the end is still to come, in two parts."""

    settled: SafeString  # what nothing that follows can change
    length: int  # of the text that ``settled`` shows
    last: SafeString  # the block under way, without what would read as bare marks
    above: str  # ranks of the headings that what follows ``settled`` stands under


def render_growing(text: str, *, above: str = "", cites: bool = False) -> Growing:
    """Return what can be shown of a text under way.

    The next time, give it what follows ``length``, and ``above``. All of it together reads as
    :func:`render` will in the end, but for links whose address is named further down. With
    ``cites``, it is going to have citations: ``[n]`` is drawn as one that leads nowhere yet.
    """
    length = _settled_length(text)
    env: dict[str, Any] = {"citations": {}, "above": above, "cites": cites}
    settled = _clean(_parser.render(text[:length], env)) if length else SafeString()
    above = env["above"]
    rest = unfinished.without_bare_lines(text[length:])
    last = _clean(_parser.render(rest, {**env, "unfinished": True}))
    return Growing(settled, length, last, above)


def _settled_length(text: str) -> int:
    """Say how much of the text is whole blocks that the next line cannot join."""
    lines = text.split("\n")[:-1]
    _is_code, formula = unfinished.under_way(lines)
    lines = lines[:formula]
    if "\r" in text:
        return 0
    blocks = _blocks("\n".join(lines))
    starts = [token.map[0] for token in blocks if token.level == 0 and token.map]
    return sum(len(line) + 1 for line in lines[: starts[-1]]) if len(starts) > 1 else 0


def _blocks(text: str) -> list[Token]:
    state = StateCore(text, _parser, {})
    for rule in (normalize, block):
        rule(state)
    return state.tokens


def _clean(html: str) -> SafeString:
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"https"},
        attribute_filter=_checked,
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(clean)  # noqa: S308  what nh3 leaves, each address checked once more


def _checked(_tag: str, attribute: str, value: str) -> str:
    """Let an address through only when it is one of this house: the way out is one, too."""
    if attribute != "href":
        return value
    return value if _OWN_ADDRESS.fullmatch(value) else "#"


def _link(
    self: RendererHTML,
    tokens: Sequence[Token],
    at: int,
    options: Any,
    env: MutableMapping[str, Any],
) -> str:
    """Lead out of the house through the page that says where to; else, only to pages of ours."""
    address = str(tokens[at].attrGet("href") or "")
    if _OWN_ADDRESS.fullmatch(address):
        return f'<a href="{escape(address)}">'
    out = departures.way_out(address)
    return f'<a class="away" target="_blank" href="{escape(out)}">' if out else '<a href="#">'


def _text(
    _self: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, env: Mapping[str, Any]
) -> str:
    citations = env["citations"]

    def cited(found: "re.Match[str]") -> str:
        address = citations.get(int(found[1]))
        if address:
            return f'<a class="cite" href="{address}">{found[1]}</a>'
        if env.get("cites"):
            return f'<span class="cite">{found[1]}</span>'
        return f"<sup>{found[1]}</sup>" if "^" in found[0] else found[0]

    return _CITED.sub(cited, escape(tokens[at].content))


def _image(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Mapping[str, Any]
) -> str:
    """A remote picture would tell its server who reads what: its address is shown as a link."""
    alt = self.renderInlineAsText(tokens[at].children, options, env)  # type: ignore[arg-type]
    address = str(tokens[at].attrGet("src") or "")
    named = f"{escape(alt)} " if alt else ""
    out = departures.way_out(address)
    if out is None:
        return f'<span class="picture">{named}</span>' if alt else ""
    shown = f'<span class="address">{escape(departures.shortened(address))}</span>'
    return f'<a class="away picture" target="_blank" href="{escape(out)}">{named}{shown}</a>'


def _cell(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    token = tokens[at]
    side = _ALIGNED.get(str(token.attrGet("style") or ""), "")
    return f'<{token.tag} class="{side}">' if side else f"<{token.tag}>"


def _formula(
    _self: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, _env: Any
) -> str:
    token = tokens[at]
    said = formulas.drawn(token.content, is_block=token.meta["is_block"])
    return f'<div class="formula">{said}</div>\n' if token.meta.get("alone") else said


def _read_as_written(state: StateCore) -> None:
    """Have each block run in the direction of its own words, whatever the page's is."""
    for token in state.tokens:
        if token.level == 0 and token.nesting == 1:
            token.attrSet("dir", "auto")


def _close_the_last(state: StateCore) -> None:
    """While more is to come, show no mark whose other end has not come yet."""
    if not state.env.get("unfinished"):
        return
    leaves = (one for one in reversed(state.tokens) if one.content or one.type in _LEAVES)
    leaf = next(leaves, None)
    if leaf and leaf.type == "inline":
        leaf.content = unfinished.closed(leaf.content)


def _below_the_page(state: StateCore) -> None:
    """Rank headings under the page's own, without a gap, each by those before it alone."""
    above = str(state.env.get("above", ""))
    for token in state.tokens:
        if token.type == "heading_open":
            above = "".join(rank for rank in above if rank < token.tag[1]) + token.tag[1]
        if token.type.startswith("heading_"):
            token.tag = f"h{min(len(above) + 1, 6)}"
    state.env["above"] = above


def _tasks(state: StateCore) -> None:
    """Show what a list of tasks has done, and what it has not."""
    for at, token in enumerate(state.tokens[2:], 2):
        opened = state.tokens[at - 2]
        if token.type != "inline" or opened.type != "list_item_open" or not token.children:
            continue
        first = token.children[0]
        if found := _TASK.match(first.content if first.type == "text" else ""):
            first.content = first.content[found.end() :]
            opened.attrSet("class", "task")
            box = Token("task", "span", 0)
            box.meta = {"is_done": found[1] != " "}
            token.children.insert(0, box)


def _box(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    is_done = tokens[at].meta["is_done"]
    kind, said = ("box done", _("Done:")) if is_done else ("box", _("To do:"))
    return f'<span class="{kind}" role="img" aria-label="{escape(said)}"></span>'


def _bare_addresses(state: StateCore) -> None:
    """Let an address that stands in the text by itself lead there."""
    for token in state.tokens:
        if token.type != "inline" or "://" not in token.content:
            continue
        children, depth = [], 0
        for child in token.children or ():
            depth += child.nesting * (child.type in {"link_open", "link_close"})
            is_open = child.type == "text" and not depth and "://" in child.content
            children += _linked(child.content) if is_open else [child]
        token.children = children


def _linked(text: str) -> list[Token]:
    made, at = [], 0
    for found in _BARE.finditer(text):
        address = _without_what_follows(found[0])
        if not departures.way_out(address):
            continue
        opened = Token("link_open", "a", 1, attrs={"href": address})
        made += [_words(text[at : found.start()]), opened, _words(address)]
        made.append(Token("link_close", "a", -1))
        at = found.start() + len(address)
    return [*made, _words(text[at:])]


def _without_what_follows(address: str) -> str:
    """Leave out the full stop of the sentence, and a bracket that was opened before the address."""
    shorter = address.rstrip(_AFTER_AN_ADDRESS)
    unopened = shorter.count(")") - shorter.count("(")
    while unopened > 0 and shorter.endswith(")"):
        shorter = shorter[:-1].rstrip(_AFTER_AN_ADDRESS)
        unopened -= 1
    return shorter


def _words(text: str) -> Token:
    return Token("text", "", 0, content=text)


_LEAVES = {"fence", "code_block", "formula"}
_parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(
    ["table", "strikethrough"]
)
_parser.use(formulas.read_formulas).use(code.show_code)
_parser.core.ruler.before("inline", "unfinished", _close_the_last)
for _name, _rule in (
    ("direction", _read_as_written),
    ("headings", _below_the_page),
    ("tasks", _tasks),
    ("addresses", _bare_addresses),
):
    _parser.core.ruler.push(_name, _rule)
for _name, _drawn in (
    ("text", _text),
    ("image", _image),
    ("link_open", _link),
    ("th_open", _cell),
    ("td_open", _cell),
    ("formula", _formula),
    ("task", _box),
):
    _parser.add_render_rule(_name, _drawn)
_parser.add_render_rule("table_open", lambda *_given: '<div class="sideways"><table dir="auto">')
_parser.add_render_rule("table_close", lambda *_given: "</table></div>\n")
