"""One line of text in a PDF: scripts of several kinds, in the order in which they are read.

The font (FiraGO, from a wheel) has Latin, Cyrillic, Greek, Georgian, Arabic, Hebrew, Devanagari and
Thai; letters that change their shape beside others are shaped. What it lacks is written with a font
of the reader's own for Chinese, Japanese and Korean, and else as a question mark.
"""

import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import pymupdf_fonts
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import ShapedStr, TTFont, shapeStr

PLAIN, BOLD = "Atrium", "Atrium-Bold"
_SOURCES = {PLAIN: "figo", BOLD: "figbo"}
_ASIAN = ((0x3040, 0x30FF, "HeiseiKakuGo-W5"), (0xAC00, 0xD7AF, "HYGothic-Medium"))
_HAN = "STSong-Light"
_UNKNOWN = "?"
_RIGHT = frozenset({"R", "AL", "AN"})
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_NEUTRAL = frozenset({"WS", "ON", "CS", "ES", "ET", "NSM", "B", "S", "BN"})


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line that is drawn in one go, as far to the left as it stands here."""

    text: Any
    font: str
    width: float


def load_fonts() -> None:
    """Take the fonts anew: shaping leaves traces in them, and each document must come out alike."""
    for name, source in _SOURCES.items():
        font = TTFont(name, io.BytesIO(_bytes_of(source)), shapable=True)
        pdfmetrics.registerFont(font)
    for name in (*(name for _first, _last, name in _ASIAN), _HAN):
        pdfmetrics.registerFont(UnicodeCIDFont(name))


@lru_cache(maxsize=4)
def _bytes_of(source: str) -> bytes:
    found: bytes = pymupdf_fonts.myfont(source)
    return found


def runs_of(text: str, font: str, size: float) -> list[Run]:
    """Return the pieces of one line from left to right."""
    clean = "".join(_drawable(font, unicodedata.normalize("NFC", text)))
    pieces = [
        (right, [_run(words, named, size) for named, words in _by_font(font, part)])
        for right, part in _by_direction(clean)
    ]
    if reads_from_the_right(clean):
        pieces.reverse()
    return [run for right, runs in pieces for run in (reversed(runs) if right else runs)]


def width_of(text: str, font: str, size: float) -> float:
    return sum(run.width for run in runs_of(text, font, size))


def reads_from_the_right(text: str) -> bool:
    """Whether the first letter that has a direction is of a script written from the right."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in {"L", *_RIGHT}:
            return kind in _RIGHT
    return False


def lines_of(text: str, font: str, size: float, *, width: float) -> list[str]:
    """Break a text into lines no longer than ``width``; a word that is longer is cut."""
    lines, line = [], ""
    for word in text.split():
        for piece in _cut(word, font, size, width=width):
            longer = f"{line} {piece}".strip()
            if line and width_of(longer, font, size) > width:
                lines.append(line)
                line = piece
            else:
                line = longer
    return [*lines, line] if line or not lines else lines


def _cut(word: str, font: str, size: float, *, width: float) -> Iterator[str]:
    while width_of(word, font, size) > width and len(word) > 1:
        most = next(
            number
            for number in range(len(word) - 1, 0, -1)
            if number == 1 or width_of(word[:number], font, size) <= width
        )
        yield word[:most]
        word = word[most:]
    yield word


def _drawable(font: str, text: str) -> Iterator[str]:
    for character in text:
        kind = unicodedata.category(character)
        if kind in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}:
            yield " "
        elif kind == "Cf":
            continue  # marks of direction: the order is found here
        elif _has(font, character) or _asian(character):
            yield character
        else:
            plain = unicodedata.normalize("NFKD", character)
            yield plain if all(_has(font, one) for one in plain) else _UNKNOWN


def _has(font: str, character: str) -> bool:
    face: Any = pdfmetrics.getFont(font).face
    return ord(character) in face.charToGlyph


def _asian(character: str) -> str:
    """Return the reader's own font for a character of China, Japan or Korea, else nothing."""
    code = ord(character)
    for first, last, name in _ASIAN:
        if first <= code <= last:
            return name
    return _HAN if 0x3000 <= code <= 0x9FFF or 0xFF00 <= code <= 0xFFEF else ""


def _by_direction(text: str) -> Iterator[tuple[bool, str]]:
    """Cut into stretches of one direction; what has none goes with both its neighbours, if they
    agree, and else with the line."""
    base = reads_from_the_right(text)
    kinds = [_direction(character) for character in text]
    before = _spread(kinds, base=base)
    after = _spread(kinds[::-1], base=base)[::-1]
    rights = [
        kind if kind is not None else (left if left == right else base)
        for kind, left, right in zip(kinds, before, after, strict=True)
    ]
    for is_right, pairs in groupby(zip(rights, text, strict=True), key=lambda pair: pair[0]):
        part = "".join(character for _right, character in pairs)
        if is_right and not any(_direction(character) for character in part):
            part = part[::-1].translate(_MIRRORED)  # the shaper turns only what has letters
        yield is_right, part


def _direction(character: str) -> bool | None:
    """Whether it is written from the right; None for what follows its neighbours."""
    kind = unicodedata.bidirectional(character)
    return None if kind in _NEUTRAL else kind in _RIGHT


def _spread(kinds: Sequence[bool | None], *, base: bool) -> list[bool]:
    """Return for each the last direction up to there."""
    last, found = base, []
    for kind in kinds:
        last = last if kind is None else kind
        found.append(last)
    return found


def _by_font(font: str, text: str) -> Iterator[tuple[str, str]]:
    def named(character: str) -> str:
        return font if _has(font, character) else _asian(character) or font

    for name, characters in groupby(text, key=named):
        yield name, "".join(characters)


def _run(text: str, font: str, size: float) -> Run:
    if font not in _SOURCES or text.isascii():
        return Run(text, font, pdfmetrics.stringWidth(text, font, size))
    shaped = shapeStr(text, font, size)
    if not isinstance(shaped, ShapedStr):
        return Run(shaped, font, pdfmetrics.stringWidth(shaped, font, size))
    width = sum(one.x_advance for one in shaped.__shapeData__) * size / 1000
    return Run(shaped, font, width)
