"""Many rows in one statement, in SQL that both databases speak, where the ORM costs too much."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import connection, models

Row = Sequence[Any]
Columns = Mapping[str, str]
"""Names, each with the type that PostgreSQL gives it."""


def run(statement: str, rows: Iterable[Row], columns: Columns) -> list[tuple[Any, ...]]:
    """Run the statement, which finds the rows as ``told`` where it says ``{told}``; return what
    it returns. Without rows nothing is run.

    PostgreSQL reads them from one text: a mark for each value costs more than the work itself.
    """
    if connection.vendor == "postgresql":
        text, values = _as_one_text(rows, columns)
    else:
        text, values = _as_values(rows, columns)
    return read(statement.replace("{told}", text), values) if values else []


def insert(table: str, rows: Iterable[Row], columns: Columns) -> None:
    names = ", ".join(columns)
    run(f"INSERT INTO {table} ({names}) SELECT {names} FROM {{told}}", rows, columns)  # noqa: S608


def lock(table: str, keys: Iterable[Any]) -> None:
    """Have those who change these rows in one statement, as the caller will, do it in one order.

    One row has no order. On SQLite whoever began a transaction has the database.
    """
    some = list(keys)
    if connection.vendor == "postgresql" and len(some) > 1:
        found = f"SELECT id FROM {table} WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"  # noqa: S608
        read(found, [some])


def read(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a statement with its values, and return what it returns."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def uuid_of(kept: Any) -> UUID:
    """Return a UUID that a statement returned."""
    return kept if isinstance(kept, UUID) else UUID(str(kept))


def table_of(model: type[models.Model]) -> str:
    return model._meta.db_table  # noqa: SLF001


def _as_one_text(rows: Iterable[Row], columns: Columns) -> tuple[str, list[Any]]:
    told = [dict(zip(columns, row, strict=True)) for row in rows]
    types = ", ".join(f"{name} {type_}" for name, type_ in columns.items())
    # Without a limit a hundred are expected, for which whole tables are read instead of indexes.
    found = f"SELECT * FROM jsonb_to_recordset(%s::jsonb) AS one({types}) LIMIT {len(told)}"  # noqa: S608
    return f"({found}) AS told", [json.dumps(told, default=_written)] if told else []


def _as_values(rows: Iterable[Row], columns: Columns) -> tuple[str, list[Any]]:
    told = list(rows)
    mark = f"({', '.join(['%s'] * len(columns))})"
    names = ", ".join(f"column{number} AS {name}" for number, name in enumerate(columns, 1))
    values = ", ".join([mark] * len(told))
    return f"(SELECT {names} FROM (VALUES {values})) AS told", [  # noqa: S608
        _kept(value) for row in told for value in row
    ]


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _kept(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, dict):
        return json.dumps(value)
    return value.value if isinstance(value, Enum) else value
