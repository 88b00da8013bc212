"""Payments through the counter, from beginning to end, for tests that look at what follows."""

from datetime import datetime
from typing import Any

from atrium.kit import clock
from atrium.kit.ids import new_id
from atrium.kit.money import Money
from atrium.payments.actions import Item, open_payment
from atrium.payments.gateways.protocol import Standing
from atrium.payments.learning import learn
from atrium.payments.models import Payment
from atrium.payments.states import Progress
from atrium.people.models import Guest, User
from tests import make


def opened(
    who: User | Guest,
    *,
    minor: int = 1000,
    currency: str = "USD",
    title: str = "A jar of ink",
    snapshot: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> Payment:
    """Open a payment for a jar; the fixtures ``counter`` and ``jar`` must be there."""
    item = Item(purpose="jar", title=title, amount=Money(minor, currency), snapshot=snapshot or {})
    return open_payment(
        by=make.caller(who),
        item=item,
        gateway="counter" if minor else "",
        key=str(new_id()),
        at=at or clock.now(),
    )


def told(payment: Payment, *, at: datetime | None = None, **more: Any) -> Payment:
    """Have it learnt as the gateway would say it: paid, and what ``more`` says."""
    standing = Standing(
        **{
            "progress": Progress.PAID,
            "reference": payment.reference,
            "amount_minor": payment.amount_minor,
            "currency": payment.currency,
            "merchant": "us",
            **more,
        }
    )
    return learn(payment=payment, standing=standing, at=at or clock.now())


def paid(who: User | Guest, **how: Any) -> Payment:
    """Return a payment that was paid."""
    return told(opened(who, **how))
