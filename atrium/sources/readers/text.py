"""Plain text, cut into passages at its paragraphs. Runs in a child: no Django here."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from atrium.kit.child_main import Unreadable

LONGEST_PASSAGE = 900
MOST_PASSAGES = 50_000


def read(argument: dict[str, Any]) -> dict[str, Any]:
    """Return ``{"characters", "passages": [{"text", "first_line", "last_line"}]}`` of a text."""
    text = _decoded(Path(argument["path"]).read_bytes())
    passages = list(passages_of(text.splitlines()))
    if not passages:
        raise Unreadable("empty")
    if len(passages) > MOST_PASSAGES:
        raise Unreadable("too_long")
    return {"characters": len(text), "passages": passages}


def _decoded(raw: bytes) -> str:
    for encoding in (
        ("utf-8-sig", "utf-16") if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",)
    ):
        try:
            return raw.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise Unreadable("not_text")


def passages_of(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield paragraphs with their lines, joined while they are short and cut where long."""
    gathered: list[str] = []
    first = 1
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        size = sum(map(len, gathered))
        if gathered and (size + len(line) > LONGEST_PASSAGE or (not line and size > 200)):
            yield _passage(gathered, first, number - 1)
            gathered = []
        if not line:
            if gathered:
                gathered.append("")
            continue
        if not gathered:
            first = number
        pieces = list(_cut(line))
        for piece in pieces[:-1]:
            yield _passage([*gathered, piece], first, number)
            gathered, first = [], number
        gathered.append(pieces[-1])
    if any(gathered):
        yield _passage(gathered, first, first + len(gathered) - 1)


def _cut(line: str) -> Iterator[str]:
    while len(line) > LONGEST_PASSAGE:
        at = line.rfind(" ", 0, LONGEST_PASSAGE)
        at = at if at > LONGEST_PASSAGE // 2 else LONGEST_PASSAGE
        yield line[:at].strip()
        line = line[at:].strip()
    yield line


def _passage(lines: list[str], first: int, last: int) -> dict[str, Any]:
    while lines and not lines[-1]:
        lines = lines[:-1]
        last = min(last, first + len(lines) - 1) if len(lines) > 1 else last
    text = "\n".join(lines)
    return {"text": text, "first_line": first, "last_line": max(first, last)}
