"""Code in answers: the kinds of its words as classes, coloured by our own sheet."""

from collections.abc import Sequence
from typing import Any

from django.utils.html import escape
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
from pygments.util import ClassNotFound  # type: ignore[import-untyped]

LONGEST_HIGHLIGHT = 20_000
LONGEST_NAME = 30


def show_code(parser: MarkdownIt) -> None:
    """Have ``parser`` put each block of code into a frame with the name of its language."""
    parser.add_render_rule("fence", _fence)
    parser.add_render_rule("code_block", _fence)


def highlighted(code: str, language: str) -> str:
    """Return ``code`` as HTML, plain where its language is not known or it is too long."""
    if not language or len(code) > LONGEST_HIGHLIGHT:
        return str(escape(code))
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return str(escape(code))
    return str(highlight(code, lexer, HtmlFormatter(nowrap=True)))


def _fence(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    token = tokens[at]
    language = (token.info.split() or [""])[0].strip("{}.").lower()[:LONGEST_NAME]
    name = f'<div class="language">{escape(language or _("text"))}</div>'
    code = highlighted(token.content, language)
    return f'<div class="code" dir="ltr">{name}<pre><code>{code}</code></pre></div>\n'
