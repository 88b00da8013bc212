"""Formulas in answers: TeX between its usual marks, drawn as MathML that can hold nothing else."""

import logging
import re
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING

from django.utils.html import escape
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

TAGS = {
    *("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub"),
    *("msup", "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mpadded"),
    *("mphantom", "mstyle", "menclose"),
}
ATTRIBUTES: dict[str, set[str]] = {
    "math": {"display", "alttext"},
    "mi": {"mathvariant"},
    "mo": {"stretchy", "fence", "form", "separator", "movablelimits", "lspace", "rspace"},
    "mspace": {"width", "linebreak"},
    "mfrac": {"linethickness"},
    "mtable": {"rowlines", "columnlines", "columnspacing", "rowspacing"},
    "mtd": {"class"},
    "mpadded": {"width", "height", "depth", "lspace", "voffset"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "menclose": {"notation"},
}
LONGEST = 4_000
MOST_LINES = 60
_PLAIN_VALUE = re.compile(r"[\w .%+-]{1,60}\Z", re.ASCII)
# What defines new commands could grow without end; the rest is spelled as the converter knows it.
_DEFINES = re.compile(r"\\(?:(?:re|provide)?newcommand|providecommand|[egx]?def|let)(?![A-Za-z])")
_SPELLED = (
    (
        re.compile(r"\\(begin|end)\{(?:aligned|alignedat|gathered|gather\*?|align)\}"),
        r"\\\1{align*}",
    ),
    (re.compile(r"\\[dt]frac(?![A-Za-z])"), r"\\frac"),
    (re.compile(r"\\(?:label|tag\*?)\{[^{}]*\}"), ""),
)
# $5 and $10 are money: no space inside the marks at either end, and no digit after them.
_DOLLARS = re.compile(r"\$(?![\s$])((?:[^$\\\n]|\\.|\n(?!\s*\n))+?)(?<![\s\\])\$(?![\d$])")
_DISPLAYED = re.compile(r"\$\$((?:[^$\\]|\\.)+?)\$\$", re.DOTALL)
# None holds another's beginning: what is never closed is read once, not once for each mark.
_ROUND = re.compile(r"\\\(((?:[^\\]|\\[^()])+?)\\\)", re.DOTALL)
_SQUARE = re.compile(r"\\\[((?:[^\\]|\\[^\[\]])+?)\\\]", re.DOTALL)
_CLOSING = {"$$": "$$", "\\[": "\\]"}
_log = logging.getLogger(__name__)


def read_formulas(parser: MarkdownIt) -> None:
    """Have ``parser`` know formulas, in a line and as blocks of their own."""
    parser.inline.ruler.before("escape", "formula", _in_a_line)
    ends = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("fence", "formula_block", _as_a_block, {"alt": ends})


def drawn(tex: str, *, is_block: bool) -> str:
    """Return the formula as MathML; as its own words where it cannot be read."""
    return _drawn(tex.strip(), is_block)


@lru_cache(maxsize=2_000)
def _drawn(tex: str, is_block: bool) -> str:  # noqa: FBT001  a cache's key
    display = "block" if is_block else "inline"
    if len(tex) > LONGEST or _DEFINES.search(tex):
        return _as_written(tex)
    from latex2mathml.converter import convert_to_element  # noqa: PLC0415 - few answers need it

    spelled = tex
    for pattern, instead in _SPELLED:
        spelled = pattern.sub(instead, spelled)
    try:
        math = convert_to_element(spelled, display=display)
        return _written(math, alttext=tex)
    except Exception:  # the converter's own have nothing in common but this
        _log.debug("A formula could not be read.", exc_info=True)
        return _as_written(tex)


def _as_written(tex: str) -> str:
    return f'<code class="tex">{escape(tex)}</code>'


def _written(one: "Element", *, alttext: str = "") -> str:
    """Write the tree ourselves: the converter leaves what stands in ``\\text{}`` as markup."""
    inside = escape(unescape(one.text or "")) + "".join(_written(child) for child in one)
    if one.tag not in TAGS:
        return inside
    kept = ATTRIBUTES.get(one.tag, set())
    attributes = {
        name: value
        for name, value in one.attrib.items()
        if name in kept and name != "class" and _PLAIN_VALUE.match(value)
    }
    if one.tag == "mtd" and one.get("columnalign") in {"left", "right"}:
        attributes["class"] = one.attrib["columnalign"]
    if alttext:
        attributes["alttext"] = alttext
    said = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{one.tag}{said}>{inside}</{one.tag}>"


def _in_a_line(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  markdown-it's own
    mark = state.src[state.pos]
    if mark not in "$\\":
        return False
    patterns = (_DISPLAYED, _DOLLARS) if mark == "$" else (_ROUND, _SQUARE)
    for pattern in patterns:
        found = pattern.match(state.src, state.pos, state.posMax)
        if found and len(found[1]) <= LONGEST:
            if not silent:
                token = state.push("formula", "math", 0)
                token.content = found[1]
                token.meta = {"is_block": pattern in {_DISPLAYED, _SQUARE}}
            state.pos = found.end()
            return True
    return False


def _as_a_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    first = _line(state, start)
    closing = _CLOSING.get(first[:2])
    if closing is None or state.is_code_block(start):
        return False
    lines: list[str] = []
    for at in range(start, min(end, start + MOST_LINES)):
        if at > start and state.sCount[at] < state.blkIndent:
            return False
        line = (first[2:] if at == start else _line(state, at)).strip()
        lines.append(line)
        if closing in line or first[:2] in line:
            # Where something follows on the line, it is a paragraph.
            is_whole = line.find(closing) == len(line) - 2
            return is_whole and (silent or _push(state, start, at + 1, "\n".join(lines)[:-2]))
    return False


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _push(state: StateBlock, start: int, after: int, tex: str) -> bool:
    token = state.push("formula", "math", 0)
    token.block, token.map = True, [start, after]
    token.content, token.meta = tex, {"is_block": True, "alone": True}
    state.line = after
    return True
