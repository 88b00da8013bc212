"""Shorthands for what moves in tests of the books."""

from datetime import UTC, datetime, timedelta

from atrium.kit.credits import MICRO
from atrium.ledger import actions as ledger
from atrium.ledger.models import Entry, Hold
from atrium.people.models import Guest, User

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def audience(who: User | Guest) -> str:
    return f"person:{who.pk}" if isinstance(who, User) else f"guest:{who.pk}"


def give(who: User | Guest, amount: float, *, key: str = "", at: datetime = NOON) -> Entry:
    """Grant credits, as finance does for a reason."""
    return ledger.grant(
        holder=audience(who),
        amount=int(amount * MICRO),
        key=key or f"gift:{who.pk}:{amount}",
        kind="adjustment",
        at=at,
    )


def hold(who: User | Guest, amount: float, *, key: str = "call", at: datetime = NOON) -> Hold:
    return ledger.hold(
        key=key,
        holder=audience(who),
        amount=int(amount * MICRO),
        at=at,
        deadline=at + timedelta(minutes=15),
    )


def charge(who: User | Guest, amount: float, *, key: str = "call", at: datetime = NOON) -> Hold:
    """Set a little more aside, and charge all but that."""
    held = hold(who, amount + 0.5, key=key, at=at)
    return ledger.settle(held=held, amount=int(amount * MICRO), at=at)
