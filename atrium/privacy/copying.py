"""Everything that is somebody's, put into an archive: data by room, files, and a page to read."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from atrium.files.sizes import amount
from atrium.people.belongings import Belonging, Part, Whose, every_part
from atrium.privacy.archive import Archive

READ_AT_ONCE = 500
SHOWN_ROWS = 300
SHOWN_CHARACTERS = 20_000
VERSION = 1

Say = Callable[[int, int, str], None]


@dataclass
class _Table:
    """What the page shows of one table."""

    title: str
    columns: list[str]
    rows: list[list[tuple[str, str]]] = field(default_factory=list)
    count: int = 0
    not_told: str = ""

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


@dataclass
class _Room:
    title: str
    path: str
    reading: int
    tables: list[_Table] = field(default_factory=list)
    files: list[tuple[str, str, str]] = field(default_factory=list)  # name, path, size
    missing: list[str] = field(default_factory=list)

    @property
    def empty(self) -> str:
        """The tables in which nothing is theirs."""
        return ", ".join(one.title for one in self.tables if not one.count and not one.not_told)


def write_copy(archive: Archive, whose: Whose, *, say: Say, at: datetime) -> None:
    """Write all that is told of somebody; ``say`` is called at each step and may raise to stop.

    Nothing here is a transaction: what changes meanwhile is told as it was when it was read.
    """
    parts = every_part()
    rooms = []
    for number, part in enumerate(parts):
        say(number, len(parts) + 1, str(part.title))
        still_here = partial(say, number, len(parts) + 1, "")
        rooms.append(_write_part(archive, part, whose, say=still_here))
    say(len(parts), len(parts) + 1, _("The page to read"))
    in_order = sorted(rooms, key=lambda room: room.reading)
    archive.add("index.html", [_page(in_order, at=at).encode()])
    archive.close(
        version=VERSION, house=settings.PUBLIC_ADDRESS, whose=whose.key, language=get_language()
    )


def _write_part(archive: Archive, part: Part, whose: Whose, *, say: Callable[[], None]) -> _Room:
    room = _Room(str(part.title), f"data/{part.key}.json", part.reading)
    archive.add(room.path, _data(part, whose, room, say))
    for kept in part.files(whose) if part.files else ():
        say()
        path = archive.name_for(part.key, kept.name)
        try:
            archive.add(path, kept.read())
        except FileNotFoundError:  # removed since the row was read
            room.missing.append(kept.name)
            continue
        room.files.append((kept.name, path, amount(kept.size)))
    return room


def _data(part: Part, whose: Whose, room: _Room, say: Callable[[], None]) -> Iterator[bytes]:
    """Yield the part's rows as one JSON object of arrays, and gather what the page shows."""
    between = "{"
    for belonging in part.belongings:
        table = _Table(str(belonging.title), list(map(_column, belonging.told)))
        table.not_told = str(belonging.not_told)
        room.tables.append(table)
        if not belonging.told:
            continue
        yield f"{between}\n{json.dumps(belonging.key)}: [".encode()
        between = ","
        rows = _rows(belonging, whose)
        while bunch := list(islice(rows, READ_AT_ONCE)):
            say()
            yield _lines(bunch, first=not table.count)
            for row in bunch[: max(SHOWN_ROWS - table.count, 0)]:
                told = ((_words(name), _shown(value)) for name, value in row.items())
                table.rows.append([(name, value) for name, value in told if value])
            table.count += len(bunch)
        yield b"]"
    yield b"{}\n" if between == "{" else b"\n}\n"


def _rows(belonging: Belonging, whose: Whose) -> Iterator[dict[str, Any]]:
    found = belonging.of(whose).order_by("pk").values(*belonging.told)
    for row in found.iterator(chunk_size=READ_AT_ONCE):
        yield {_column(name): value for name, value in row.items()}


def _column(path: str) -> str:
    """``model__slug`` is the model of a row to who reads it."""
    return path.removesuffix("__slug").replace("__", "_")


def _lines(bunch: list[dict[str, Any]], *, first: bool) -> bytes:
    lines = (json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False) for row in bunch)
    text = ",\n".join(lines)
    return f"\n{text}".encode() if first else f",\n{text}".encode()


def _words(column: str) -> str:
    return column.replace("_", " ")


def _shown(value: Any) -> str:
    """Return a value as people read it; nothing for what is empty."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder)
    text = str(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def _page(rooms: list[_Room], *, at: datetime) -> str:
    return render_to_string(
        "privacy/copy.html",
        {
            "rooms": rooms,
            "at": at,
            "house": settings.PUBLIC_ADDRESS,
            "language": get_language(),
            "shown_rows": SHOWN_ROWS,
        },
    )
