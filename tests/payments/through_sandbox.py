"""Payments through the Sandbox, for the tests of it."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Sum

from atrium.kit import clock
from atrium.kit.ids import new_id
from atrium.kit.money import Money
from atrium.ledger.actions import grant, take_back
from atrium.ledger.models import Entry, Leg
from atrium.ledger.queries import first_difference
from atrium.payments import checkout
from atrium.payments.actions import Item, open_payment
from atrium.payments.actions.reconciling import look_at_due
from atrium.payments.gateways.sandbox import desk
from atrium.payments.models import (
    Payment,
    SandboxDelivery,
    SandboxDispute,
    SandboxOrder,
    SandboxRefund,
    SavedMethod,
    WebhookEvent,
)
from atrium.payments.purposes import Purpose, Returned
from atrium.people.models import Guest, User
from tests import make

PATIENCE = 30


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


class Pot(Purpose):
    """Something to pay for that is given as credits, so that the books can be held against it."""

    kind = "jar"
    title = "A pot"

    def fulfil(self, payment: Payment, *, at: datetime) -> None:
        self._grant(payment, payment.amount_minor, at=at)

    def reverse(self, payment: Payment, returned: Returned, *, at: datetime) -> None:
        change = returned.now - returned.before
        if change > 0:
            take_back(
                holder=payment.audience,
                amount=change,
                key=f"{payment.effect_key}:taken",
                kind="test.taken",
                at=at,
                about=("payment", payment.pk),
            )
        else:
            self._grant(payment, -change, at=at)

    def _grant(self, payment: Payment, amount: int, *, at: datetime) -> None:
        grant(
            holder=payment.audience,
            amount=amount,
            key=f"{payment.effect_key}:given",
            kind="test.given",
            at=at,
            about=("payment", payment.pk),
        )


def until(comes: Callable[[], object], *, what: str) -> None:
    """Wait until ``comes()`` is true.

    :raises AssertionError: when it does not come
    """
    give_up = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not comes():
        assert time.monotonic() < give_up, f"{what} did not come"
        pause.wait(0.02)


def until_told() -> None:
    """Wait until the Sandbox sent all it had to send, and we followed all that came."""
    waits = SandboxDelivery.objects.filter(state=SandboxDelivery.State.WAITING)
    until(lambda: not waits.exists(), what="the end of the deliveries")
    came = WebhookEvent.objects.filter(state=WebhookEvent.State.NEW, error="")
    until(lambda: not came.exists(), what="the end of the inbox")


def reconcile() -> None:
    """Look up every payment now, as comes by the clock."""
    now = clock.now()
    Payment.objects.exclude(begun_at=None).update(look_next_at=now)
    look_at_due(at=now)


def differences() -> list[str]:
    """Return where the Sandbox's journal, our payments, what was given and the books disagree."""
    found = []
    for order in SandboxOrder.objects.all():
        payment = Payment.objects.referred_to_as(order.reference).get()
        given = _given_for(payment)
        kept = 0 if payment.needs_look else _kept_of(order)  # what does not fit is not believed
        if (payment.kept_minor, given) != (kept, kept):
            found.append(f"{order}: {kept} there, {payment.kept_minor} here, {given} given")
    if difference := first_difference():
        found.append(str(difference))
    return found


def _kept_of(order: SandboxOrder) -> int:
    """Return how much of the money the merchant has, by the Sandbox's journal."""
    if not order.charges:
        return 0
    refunded = order.refunds.filter(state=SandboxRefund.State.DONE)
    lost = order.disputes.filter(state=SandboxDispute.State.LOST)
    gone = sum(one.amount_minor for one in refunded) + sum(one.amount_minor for one in lost)
    return max(0, order.amount_minor - gone)


def _given_for(payment: Payment) -> int:
    entries = Entry.objects.filter(about_kind="payment", about_id=payment.pk)
    holder = payment.audience
    moved = Leg.objects.filter(entry__in=entries, account__holder=holder)
    return int(moved.aggregate(sum=Sum("amount"))["sum"] or 0)
