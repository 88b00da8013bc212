"""Everything that the house keeps, as text: every table and every file, to look for words in."""

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import connection


def found_in_house(words: Iterable[str]) -> dict[str, set[str]]:
    """Return where each of ``words`` stands, of those that stand anywhere."""
    wanted = sorted(set(words))
    found: dict[str, set[str]] = {}
    for place, text in (*_tables(), *_files()):
        for word in wanted:
            if word.casefold() in text:
                found.setdefault(word, set()).add(place)
    return found


def _tables() -> Iterable[tuple[str, str]]:
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            if name == "django_migrations":
                continue
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
            for row in cursor.fetchall():
                yield name, " ".join(map(_text, row)).casefold()


def _text(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def _files() -> Iterable[tuple[str, str]]:
    for path in Path(settings.FILES_ROOT).rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes().decode("utf-8", "replace").casefold()
