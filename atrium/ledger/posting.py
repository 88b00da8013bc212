"""How an entry gets into the books: in one call on PostgreSQL, in three statements on SQLite.

The call is the function ``ledger_post``, which the migrations made; it refuses what the constraints
of the accounts would refuse, without breaking the transaction it is called in.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from atrium.kit import rows
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
TAKEN, _OVERDRAWN, _OVERFULL = 0, -1, -2

_ALL_IN_ONE = """
SELECT place, ledger_post(key, kind, about_kind, about_id, posted_at, holders, purposes, assets,
    amounts, fresh) FROM {told}
"""
_TO_POST = {
    "place": "int",
    "key": "text",
    "kind": "text",
    "about_kind": "text",
    "about_id": "uuid",
    "posted_at": "timestamptz",
    "holders": "text[]",
    "purposes": "text[]",
    "assets": "text[]",
    "amounts": "bigint[]",
    "fresh": "uuid[]",
}

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


class ToPost(NamedTuple):
    """An entry that is to be written, with what it moves."""

    key: str
    kind: str
    about: tuple[str, UUID]
    moves: Mapping[AccountName, int]
    at: datetime


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


def write_all(entries: Sequence[ToPost]) -> list[int]:
    """Write those that can be; return the number of each, or none above nothing.

    That is ``TAKEN`` when its key is, and below it when an account holds too little or would hold
    too much. Of two that find enough for one alone it is the first.
    """
    # By holders, who have their accounts each for themselves: no two wait for each other in a ring.
    order = sorted(range(len(entries)), key=lambda place: min(entries[place].moves))
    if connection.vendor == "postgresql":
        numbers = _write_all_in_one([(place, entries[place]) for place in order])
    else:
        numbers = {place: _number(entries[place]) for place in order}
    return [numbers[place] for place in range(len(entries))]


def _write_all_in_one(entries: list[tuple[int, ToPost]]) -> dict[int, int]:
    written = [
        (place, one.key, one.kind, *one.about, one.at, *_columns(one.moves))
        for place, one in entries
    ]
    return dict(rows.run(_ALL_IN_ONE, written, _TO_POST))


def _number(one: ToPost) -> int:
    try:
        found = write(key=one.key, kind=one.kind, about=one.about, moves=one.moves, at=one.at)
    except Overdrawn:
        return _OVERDRAWN
    except Overfull:
        return _OVERFULL
    return found or TAKEN


def _columns(moves: Mapping[AccountName, int]) -> list[list[Any]]:
    legs = [(*name, amount, new_id()) for name, amount in moves.items()]
    return [list(column) for column in zip(*legs, strict=True)] or [[], [], [], [], []]


def _write_in_one(told: tuple[Any, ...], moves: Mapping[AccountName, int]) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_IN_ONE, [*told, *_columns(moves)])
        answer: int = cursor.fetchone()[0]
    if answer == _OVERDRAWN:
        raise Overdrawn
    if answer == _OVERFULL:
        raise Overfull
    return None if answer == TAKEN else answer


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
