"""The values of a file of JSON, one at a time: of an array, of lines, or of what a zip holds."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn, TextIO

from atrium.kit.child_main import Unreadable
from atrium.kit.limits import LIMITS

_PIECE = 1_000_000
_MOST_ONE = 40_000_000  # characters of one value, so of one chat
_BETWEEN = re.compile(r"[\s,]*")
_TOLD = re.compile(r"(.*/)?(?!\.)[^/]+\.jsonl?", re.IGNORECASE)
_ZIP = b"PK\x03\x04"


def values_of(path: str) -> Iterator[Any]:
    """Yield each value.

    :raises Unreadable: for what is no JSON, or more than a bound
    """
    with open(path, "rb") as file:  # noqa: PTH123
        is_zip = file.read(4) == _ZIP
        file.seek(0)
        if is_zip:
            yield from _unpacked(file)
        else:
            yield from _values(_text(file))


def _unpacked(file: BinaryIO) -> Iterator[Any]:
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if len(members) > LIMITS.archive_members:
                raise Unreadable("too_much")
            told = [one for one in members if _TOLD.fullmatch(one.filename)]
            main = [one for one in told if "conversation" in one.filename.lower()]
            left = [LIMITS.archive_bytes]
            for member in main or told:
                with archive.open(member) as packed:
                    yield from _values(_text(_Counted(packed, left)))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        raise Unreadable("not_json") from None


class _Counted(io.RawIOBase):
    """Refuses to unpack more than is allowed, whatever the zip says of its sizes."""

    def __init__(self, packed: Any, left: list[int]) -> None:
        self._packed, self._left = packed, left

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        piece = self._packed.read(len(into))
        self._left[0] -= len(piece)
        if self._left[0] < 0:
            raise Unreadable("too_much")
        into[: len(piece)] = piece
        return len(piece)


def _text(file: Any) -> TextIO:
    raw = io.BufferedReader(file) if isinstance(file, io.RawIOBase) else file
    return io.TextIOWrapper(raw, encoding="utf-8-sig")


def _values(text: TextIO) -> Iterator[Any]:
    """Yield the values that follow each other, or those of one array around them all."""
    decoder = json.JSONDecoder(parse_constant=_no_constant, parse_int=_small, parse_float=_small)
    held, at, wanted, is_end = "", 0, _PIECE, False
    first = True
    while True:
        at = _BETWEEN.match(held, at).end()  # type: ignore[union-attr]  # it matches nothing too
        if first and at < len(held):
            first, at = False, at + (held[at] == "[")
        elif at < len(held) and held[at] == "]":
            at += 1
        elif at < len(held):
            try:
                value, at = decoder.raw_decode(held, at)
            except RecursionError:
                raise Unreadable("too_deep") from None
            except ValueError:
                if is_end or len(held) - at > _MOST_ONE:
                    raise Unreadable("too_much" if not is_end else "not_json") from None
                held, at, is_end = _more(text, held[at:], wanted)
                wanted = min(wanted * 2, _MOST_ONE)
                continue
            yield value
            wanted = _PIECE
        elif is_end:
            return
        else:
            held, at, is_end = _more(text, "", wanted)


def _more(text: TextIO, held: str, wanted: int) -> tuple[str, int, bool]:
    try:
        piece = text.read(wanted)
    except UnicodeDecodeError:
        raise Unreadable("not_json") from None
    return held + piece, 0, not piece


def _small(digits: str) -> float:
    """Return a number; of a very long one nothing is needed."""
    return float(digits) if len(digits) < 40 else 0.0


def _no_constant(_name: str) -> NoReturn:
    raise Unreadable("not_json")
