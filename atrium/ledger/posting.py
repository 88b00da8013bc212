"""How an entry gets into the books: in one call on PostgreSQL, in three statements on SQLite.

The call is the function ``ledger_post``, which the migrations made; it refuses what the constraints
of the accounts would refuse, without breaking the transaction it is called in.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from atrium.kit.ids import new_id
from atrium.ledger.models import Account

PLATFORM = "platform"
"""The holder whose accounts keep no balance: one row that everybody writes is a queue."""

AccountName = tuple[str, str, str]
_GUARD = "ledger_balance_not_below_nothing"
_BOUNDS = "ledger_balance_within_bounds"

_NEW_ENTRY = """
INSERT INTO ledger_entry (key, kind, about_kind, about_id, posted_at)
VALUES (%s, %s, %s, %s, %s) ON CONFLICT (key) DO NOTHING RETURNING id
"""

_IN_ONE = "SELECT ledger_post(%s, %s, %s, %s, %s, %s, %s, %s, %s::bigint[], %s::uuid[])"
_TAKEN, _OVERDRAWN, _OVERFULL = 0, -1, -2

_CHANGE = """
UPDATE ledger_account SET balance = balance + told.column4 FROM (VALUES {rows}) AS told
WHERE holder = told.column1 AND purpose = told.column2 AND asset = told.column3
RETURNING id, holder, purpose, asset
"""
_OPEN = "INSERT INTO ledger_account (id, holder, purpose, asset, balance) VALUES {rows}"
_LEGS = "INSERT INTO ledger_leg (entry_id, account_id, amount) VALUES {rows}"


class Overdrawn(Exception):
    """A guarded account would fall below nothing; nothing was written."""


class Overfull(Exception):
    """An account would hold more than we can count; nothing was written."""


def is_platform(holder: str) -> bool:
    """Say whether these are accounts of ours: ``platform``, and ``platform:<gateway>``."""
    return holder.startswith(PLATFORM)


def write(
    *,
    key: str,
    kind: str,
    about: tuple[str, UUID | None],
    moves: Mapping[AccountName, int],
    at: datetime,
) -> int | None:
    """Write an entry with its legs and balances; return its number, or None when the key is taken.

    :raises Overdrawn: when an account holds too little
    :raises Overfull: when an account would hold too much
    """
    told = (key, kind, about[0], _uuid(about[1]), connection.ops.adapt_datetimefield_value(at))
    if connection.vendor == "postgresql":
        return _write_in_one(told, moves)
    try:
        with transaction.atomic():
            return _write_in_three(told, moves)
    except IntegrityError as broken:
        if _GUARD in str(broken):
            raise Overdrawn from None
        if _BOUNDS in str(broken):
            raise Overfull from None
        raise


def _write_in_one(told: tuple[Any, ...], moves: Mapping[AccountName, int]) -> int | None:
    legs = [(*name, amount, new_id()) for name, amount in moves.items()]
    columns = [list(column) for column in zip(*legs, strict=True)] or [[], [], [], [], []]
    with connection.cursor() as cursor:
        cursor.execute(_IN_ONE, [*told, *columns])
        answer: int = cursor.fetchone()[0]
    if answer == _OVERDRAWN:
        raise Overdrawn
    if answer == _OVERFULL:
        raise Overfull
    return None if answer == _TAKEN else answer


def _write_in_three(told: tuple[Any, ...], moves: Mapping[AccountName, int]) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_NEW_ENTRY, told)
        entry = cursor.fetchone()
        if entry is None:
            return None
        if moves:
            accounts = _changed(cursor, moves)
            accounts |= _opened(
                cursor, {name: moves[name] for name in moves.keys() - accounts.keys()}
            )
            legs = [(entry[0], account, moves[name]) for name, account in accounts.items()]
            _insert(cursor, _LEGS, legs)
    return cast(int, entry[0])


def _changed(cursor: Any, moves: Mapping[AccountName, int]) -> dict[AccountName, Any]:
    _insert(cursor, _CHANGE, [(*name, amount) for name, amount in moves.items()])
    return {(holder, purpose, asset): pk for pk, holder, purpose, asset in cursor.fetchall()}


def _opened(cursor: Any, moves: Mapping[AccountName, int]) -> dict[AccountName, Any]:
    accounts = {name: _uuid(new_id()) for name in moves}
    if moves:
        rows = [
            (pk, *name, None if is_platform(name[0]) else moves[name])
            for name, pk in accounts.items()
        ]
        _insert(cursor, _OPEN, rows)
    return accounts


def _insert(cursor: Any, statement: str, rows: list[tuple[Any, ...]]) -> None:
    marks = f"({', '.join(['%s'] * len(rows[0]))})"
    cursor.execute(
        statement.format(rows=", ".join([marks] * len(rows))),
        [value for row in rows for value in row],
    )


def _uuid(identity: UUID | None) -> Any:
    field = Account._meta.pk  # noqa: SLF001
    return field.get_db_prep_value(identity, connection) if identity else None
