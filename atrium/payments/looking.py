"""When a payment is looked up again, so that what no webhook told is found out nevertheless."""

from datetime import datetime, timedelta

from atrium.payments.models import Payment
from atrium.payments.states import OPEN, RefundRank, State

SECONDS, MINUTES = timedelta(seconds=1), timedelta(minutes=1)
HOURS, DAYS = timedelta(hours=1), timedelta(days=1)

_UNDECIDED = (
    *(20 * SECONDS, 40 * SECONDS, 1 * MINUTES, 2 * MINUTES, 4 * MINUTES, 8 * MINUTES),
    *(15 * MINUTES, 30 * MINUTES, 1 * HOURS, 2 * HOURS, 4 * HOURS),
)
"""Often while somebody may be waiting before the page, and then every six hours until it ages."""
_PAID = (10 * MINUTES, 1 * HOURS, 6 * HOURS, *(days * DAYS for days in (1, 3, 7, 14, 30, 30, 35)))
"""Refunds made at the gateway, and disputes, which banks allow for 120 days."""
_OVER = (5 * MINUTES, 30 * MINUTES, 2 * HOURS, 6 * HOURS, 1 * DAYS, 3 * DAYS, 7 * DAYS)
"""A late success after all."""
_RETURNED = (1 * HOURS, 1 * DAYS, 7 * DAYS, 30 * DAYS)
"""A refund that fails days after it succeeded."""
_STILL = 6 * HOURS

PATIENCE = 15 * MINUTES
"""After so long a charge that the gateway never heard of did not happen."""
LONGEST_UNDER_WAY = 30 * DAYS
"""How long the slowest banks take; then somebody should ask."""


def next_look(payment: Payment, *, at: datetime) -> datetime | None:
    """Return when the payment is looked up next, by its state and how often it was by now."""
    delay = _delay(payment)
    return at + delay if delay else None


def _delay(payment: Payment) -> timedelta | None:
    if payment.state in OPEN:
        return _at(_UNDECIDED, payment.looks) or _STILL
    if payment.frozen_at or _is_refund_under_way(payment):
        return _at(_UNDECIDED, payment.looks) or _STILL
    if payment.state == State.REFUNDED:
        return _at(_RETURNED, payment.looks)
    if payment.state in (State.FAILED, State.CANCELLED):
        return _at(_OVER, payment.looks)
    return _at(_PAID, payment.looks)


def _is_refund_under_way(payment: Payment) -> bool:
    return any(
        one.rank == RefundRank.PENDING or (one.rank == RefundRank.ASKED and one.called_at)
        for one in payment.refunds.all()
    )


def _at(delays: tuple[timedelta, ...], looks: int) -> timedelta | None:
    return delays[looks] if looks < len(delays) else None
