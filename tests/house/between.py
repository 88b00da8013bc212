"""What is put back between two tests, beyond what the database's own rollback does."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase

from atrium.kit import remembered
from atrium.options import queries as options

KEPT = {"auth_permission", "django_content_type"}
"""What Django would make anew each time, the same as it was."""


@pytest.fixture(scope="session", autouse=True)
def _rows_go_quickly() -> Iterator[None]:
    """After a test that commits, delete the rows there are; Django truncates every table.

    It then makes its content types anew, and all that takes longer than most tests.
    """
    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: empty_tables())
    yield
    patch.undo()


def empty_tables() -> None:
    """Delete every row that a test left, whatever its triggers and keys say."""
    with transaction.atomic(), connection.cursor() as cursor:
        filled = _filled(cursor)
        with _nothing_refuses(cursor, filled):
            for table in filled:
                cursor.execute(f'DELETE FROM "{table}"')


def _filled(cursor: CursorWrapper) -> list[str]:
    looks = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in _tables()]
    cursor.execute(" UNION ALL ".join(looks))
    return [name for (name,) in cursor.fetchall()]


@cache
def _tables() -> list[str]:
    return sorted(set(connection.introspection.django_table_names(only_existing=True)) - KEPT)


@contextmanager
def _nothing_refuses(cursor: CursorWrapper, tables: list[str]) -> Iterator[None]:
    """Lift append-only triggers, and look at keys only when all is gone."""
    if connection.vendor == "postgresql":
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        return
    cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
    refusing = [
        (name, sql)
        for name, table, sql in cursor.fetchall()
        if table in tables and "append-only" in sql
    ]
    for name, _sql in refusing:
        cursor.execute(f"DROP TRIGGER {name}")
    yield
    for _name, sql in refusing:
        cursor.execute(sql)


@pytest.fixture(autouse=True)
def _options_are_read_anew() -> None:
    """Forget what options, and whatever else is remembered, said in the test before."""
    options.forget()
    remembered.forget_all()
