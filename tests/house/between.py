"""What is put back between two tests, beyond what the database's own rollback does."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.backends.sqlite3.base import DatabaseWrapper

from atrium.kit import remembered
from atrium.options import queries as options


@pytest.fixture(scope="session", autouse=True)
def _rows_may_go_between_tests() -> Iterator[None]:
    """Lift SQLite's append-only triggers while it is emptied; PostgreSQL's TRUNCATE fires none."""
    patch = pytest.MonkeyPatch()
    plain = DatabaseWrapper.ops_class.execute_sql_flush

    def flush(self: Any, statements: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            refusing = [(name, sql) for name, sql in cursor.fetchall() if "append-only" in sql]
            for name, _sql in refusing:
                cursor.execute(f"DROP TRIGGER {name}")
            plain(self, statements)
            for _name, sql in refusing:
                cursor.execute(sql)

    patch.setattr(DatabaseWrapper.ops_class, "execute_sql_flush", flush)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _options_are_read_anew() -> None:
    """Forget what options, and whatever else is remembered, said in the test before."""
    options.forget()
    remembered.forget_all()
