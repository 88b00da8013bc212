"""How an entry gets into the books: in one statement on PostgreSQL, in three on SQLite.

The guard is the database's own: a wallet that would fall below nothing breaks its constraint, and
nothing of the entry stands.
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

# Guarded accounts are locked in the order of their ids, so that two entries never wait for each
# other in a ring. A constraint looks at a row to be inserted before a conflict is noticed, so who
# is there is changed, and only who is not is inserted.
_IN_ONE = """
WITH told AS (
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::uuid[])
        AS leg(holder, purpose, asset, amount, fresh)
), entry AS (
    INSERT INTO ledger_entry (key, kind, about_kind, about_id, posted_at)
    VALUES (%s, %s, %s, %s, %s) ON CONFLICT (key) DO NOTHING RETURNING id
), locked AS MATERIALIZED (
    SELECT account.id, told.amount
    FROM ledger_account AS account JOIN told USING (holder, purpose, asset)
    WHERE NOT starts_with(holder, 'platform') AND EXISTS (SELECT FROM entry)
    ORDER BY account.id FOR NO KEY UPDATE OF account
), changed AS (
    UPDATE ledger_account AS account SET balance = account.balance + locked.amount
    FROM locked WHERE account.id = locked.id
    RETURNING account.id, holder, purpose, asset
), opened AS (
    INSERT INTO ledger_account (id, holder, purpose, asset, balance)
    SELECT fresh, holder, purpose, asset, amount FROM told
    WHERE NOT starts_with(holder, 'platform') AND EXISTS (SELECT FROM entry)
        AND NOT EXISTS (
            SELECT FROM ledger_account AS there
            WHERE (there.holder, there.purpose, there.asset)
                = (told.holder, told.purpose, told.asset)
        )
    ON CONFLICT DO NOTHING RETURNING id, holder, purpose, asset
), account AS (
    SELECT id, holder, purpose, asset FROM changed
    UNION ALL SELECT id, holder, purpose, asset FROM opened
    UNION ALL SELECT id, holder, purpose, asset
        FROM ledger_account JOIN told USING (holder, purpose, asset)
        WHERE starts_with(holder, 'platform')
), leg AS (
    INSERT INTO ledger_leg (entry_id, account_id, amount)
    SELECT entry.id, account.id, told.amount
    FROM entry CROSS JOIN told JOIN account USING (holder, purpose, asset)
    RETURNING id
)
SELECT (SELECT id FROM entry), (SELECT count(*) FROM leg)
"""

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
    writes = _write_in_one if connection.vendor == "postgresql" else _write_in_three
    try:
        with transaction.atomic():
            return writes(told, moves)
    except IntegrityError as broken:
        if _GUARD in str(broken):
            raise Overdrawn from None
        if _BOUNDS in str(broken):
            raise Overfull from None
        raise
    except _NotOpen:
        _open_platforms(moves)
        return write(key=key, kind=kind, about=about, moves=moves, at=at)


class _NotOpen(Exception):
    """A platform account has no row yet, or somebody else is just opening one."""


def _write_in_one(told: tuple[Any, ...], moves: Mapping[AccountName, int]) -> int | None:
    legs = [(*name, amount, new_id()) for name, amount in moves.items()]
    columns = [list(column) for column in zip(*legs, strict=True)] or [[], [], [], [], []]
    with connection.cursor() as cursor:
        cursor.execute(_IN_ONE, [*columns, *told])
        entry, written = cursor.fetchone()
    if entry is not None and written != len(moves):
        raise _NotOpen
    return cast(int | None, entry)


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


def _open_platforms(moves: Mapping[AccountName, int]) -> None:
    for holder, purpose, asset in moves:
        if is_platform(holder):
            Account.objects.get_or_create(
                holder=holder, purpose=purpose, asset=asset, defaults={"balance": None}
            )


def _uuid(identity: UUID | None) -> Any:
    field = Account._meta.pk  # noqa: SLF001
    return field.get_db_prep_value(identity, connection) if identity else None
