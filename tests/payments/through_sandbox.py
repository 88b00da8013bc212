"""Payments through the Sandbox, for the tests of it."""

from typing import Any

from atrium.kit import clock
from atrium.kit.ids import new_id
from atrium.kit.money import Money
from atrium.payments import checkout
from atrium.payments.actions import Item, open_payment
from atrium.payments.gateways.sandbox import desk
from atrium.payments.models import Payment, SandboxOrder, SavedMethod
from atrium.people.models import Guest, User
from tests import make


def opened(who: User | Guest, *, key: str = "", minor: int = 1000, **more: Any) -> Payment:
    """Open a payment of ``who`` for a jar."""
    item = Item(purpose="jar", title="A jar of honey", amount=Money(minor, "USD"), snapshot={})
    return open_payment(
        by=make.caller(who),
        item=item,
        gateway="sandbox",
        key=key or new_id().hex,
        at=clock.now(),
        **more,
    )


def begun(who: User | Guest, **more: Any) -> Payment:
    """Open a payment of ``who``, and begin its checkout."""
    payment = opened(who, **more)
    checkout.begin(payment, at=clock.now())
    payment.refresh_from_db()
    return payment


def order_of(payment: Payment) -> SandboxOrder:
    return SandboxOrder.objects.get(reference=payment.reference)


def looked_up(payment: Payment) -> Payment:
    return checkout.look_up(payment, at=clock.now())


def remembered_card(who: User | Guest) -> SavedMethod:
    """Pay once with a card that is remembered, and return it as we keep it."""
    payment, now = begun(who, keep_method=True), clock.now()
    order = order_of(payment)
    desk.pay(order, card=desk.new_card(payer=order.payer, at=now), at=now)
    looked_up(payment)
    return SavedMethod.objects.get(**make.caller(who).as_owner())
