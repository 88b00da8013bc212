"""Holds of many calls at once, made and settled in a few statements.

``hold`` and ``settle`` are the measure: what these do is what those would do one after the other.
Whatever they would refuse is left to them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from atrium.kit import rows
from atrium.kit.money import MOST_MINOR
from atrium.ledger.actions.entries import pay_what_is_owed
from atrium.ledger.guard import insist_books_agree
from atrium.ledger.models import Account, Entry, Hold
from atrium.ledger.posting import PLATFORM, ToPost, write_all

_WALLET, _HELD = Account.Purpose.WALLET.value, Account.Purpose.HELD.value
_REVENUE = Account.Purpose.REVENUE.value
_NEW = {
    "id": "uuid",
    "key": "text",
    "holder": "text",
    "asset": "text",
    "amount": "bigint",
    "kind": "text",
    "price": "jsonb",
    "upstream_key": "text",
    "state": "text",
    "made_at": "timestamptz",
    "deadline_at": "timestamptz",
    "asked": "int",
}
_ENDED = {"hold": "uuid", "charged": "bigint", "ends_at": "timestamptz"}
_END = """
UPDATE ledger_hold SET state = 'settled', settled_amount = told.charged, ended_at = told.ends_at
FROM {told} WHERE id = told.hold AND state = 'held' RETURNING id
"""
_DEBTORS = """
SELECT holder FROM ledger_account WHERE purpose = 'debt' AND asset = 'CREDIT' AND balance < 0
AND holder IN ({marks})
"""


class Settled(NamedTuple):
    """How much of a hold is charged."""

    held: Hold
    amount: int
    at: datetime


def debtors_among(holders: set[str]) -> set[str]:
    """Return those of them who owe credits."""
    if not holders:
        return set()
    marks = ", ".join(["%s"] * len(holders))
    return {holder for (holder,) in rows.read(_DEBTORS.format(marks=marks), list(holders))}


def hold_all(holds: Sequence[Hold]) -> list[bool]:
    """Make these holds of credits, in the caller's transaction; say of each whether it stands.

    One that does not has left nothing.

    :raises BooksDisagree: while nothing may be charged
    """
    costly = [one for one in holds if 0 < one.amount <= MOST_MINOR]
    if costly:
        insist_books_agree()
    numbers = write_all([_setting_aside(one) for one in costly])
    done = {one.pk for one, number in zip(costly, numbers, strict=True) if number > 0}
    stand = [not one.amount or one.pk in done for one in holds]
    rows.insert(
        "ledger_hold",
        [
            (
                *(one.pk, one.key, one.holder, one.asset, one.amount, one.kind, one.price),
                *(one.upstream_key, one.state, one.made_at, one.deadline_at, 0),
            )
            for one, stands in zip(holds, stand, strict=True)
            if stands
        ],
        _NEW,
    )
    return stand


def settle_all(ends: Sequence[Settled]) -> None:
    """Charge these amounts, each within its hold, and give the rests back; only the first time.

    In the caller's transaction. No holder is a guest, who may have been claimed meanwhile.
    """
    told = [(one.held.pk, one.amount, one.at) for one in ends]
    ended = {rows.uuid_of(key) for (key,) in rows.run(_END, told, _ENDED)}
    costly = [one for one in ends if one.held.amount and one.held.pk in ended]
    numbers = write_all([_charging(one) for one in costly])
    assert all(number > 0 for number in numbers), "what was held is there, and is settled once"
    in_debt = debtors_among({one.held.holder for one in costly})
    for one, number in zip(costly, numbers, strict=True):
        if one.held.holder in in_debt:
            because = Entry(pk=number, about_kind="hold", about_id=one.held.pk)
            pay_what_is_owed(holder=one.held.holder, because=because, at=one.at)


def _setting_aside(held: Hold) -> ToPost:
    moves = {
        (held.holder, _WALLET, held.asset): -held.amount,
        (held.holder, _HELD, held.asset): held.amount,
    }
    return ToPost(f"hold:{held.pk}", "hold", ("hold", held.pk), moves, held.made_at)


def _charging(one: Settled) -> ToPost:
    held = one.held
    moves = {
        (held.holder, _HELD, held.asset): -held.amount,
        (held.holder, _WALLET, held.asset): held.amount - one.amount,
        (PLATFORM, _REVENUE, held.asset): one.amount,
    }
    moves = {account: amount for account, amount in moves.items() if amount}
    return ToPost(f"settle:{held.pk}", "settle", ("hold", held.pk), moves, one.at)
