"""A migration step that makes the database itself refuse to change or remove rows of a table."""

from typing import Any

from django.db.migrations import RunPython

_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION atrium_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
  USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
_POSTGRES = """
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION atrium_append_only()
"""


def append_only(table: str) -> RunPython:
    """Return the step. A TRUNCATE passes, as it fires no row trigger: tests are emptied by it."""

    def forwards(_apps: Any, schema: Any) -> None:
        if schema.connection.vendor == "postgresql":
            schema.execute(_POSTGRES_FUNCTION, params=None)
            schema.execute(_POSTGRES.format(table=table), params=None)
            return
        for verb in ("UPDATE", "DELETE"):
            schema.execute(_SQLITE.format(table=table, verb=verb), params=None)

    def backwards(_apps: Any, schema: Any) -> None:
        if schema.connection.vendor == "postgresql":
            schema.execute(f"DROP TRIGGER {table}_no_change ON {table}", params=None)
            return
        for verb in ("UPDATE", "DELETE"):
            schema.execute(f"DROP TRIGGER {table}_no_{verb}", params=None)

    return RunPython(forwards, backwards)
