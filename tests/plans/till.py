"""A gateway for plans: its cards pay or decline as a test says, and it keeps what it charged."""

from collections.abc import Mapping
from datetime import datetime

from atrium.jobs.actions import enqueue
from atrium.jobs.inline import run_due
from atrium.kit import clock as kit_clock
from atrium.payments.checkout import order_of
from atrium.payments.gateways.protocol import (
    Declined,
    Delivery,
    Forged,
    MethodFact,
    NoAnswer,
    Order,
    Redirect,
    Standing,
)
from atrium.payments.learning import learn
from atrium.payments.models import Payment
from atrium.payments.states import DisputeFact, Progress, RefundFact, RefundRank
from atrium.people.models import User
from atrium.plans.actions.choosing import choose
from atrium.plans.models import Plan, Subscription
from atrium.plans.previews import Preview, preview
from atrium.plans.queries import subscription_of
from tests import make


class Till:
    """Takes dollars. ``card`` is what saved cards do: pay, decline, or nothing that is heard."""

    slug = "till"
    title = "Till"
    currencies = frozenset({"USD"})
    can_refund = True
    merchant = "us"

    def __init__(self) -> None:
        self.card = "pays"
        self.can_charge_again = True
        self.charged: list[int] = []
        self.refunded: list[int] = []

    def begin(self, order: Order) -> Redirect:
        return Redirect(f"https://till.example/{order.reference}", f"t-{order.reference}")

    def look_up(self, order: Order) -> Standing | None:
        return None

    def read_webhook(self, raw: bytes, headers: Mapping[str, str]) -> Delivery:
        raise Forged

    def refund(self, order: Order, *, amount_minor: int, key: str) -> RefundFact:
        self.refunded.append(amount_minor)
        return RefundFact(f"r-{key}", amount_minor, RefundRank.DONE, key)

    def charge_again(self, order: Order, *, method: str) -> Standing:
        if self.card == "declines":
            raise Declined("the card was declined")
        if self.card == "is silent":
            raise NoAnswer
        self.charged.append(order.amount_minor)
        return self.paid(order)

    def paid(
        self,
        order: Order,
        *,
        refunds: tuple[RefundFact, ...] = (),
        disputes: tuple[DisputeFact, ...] = (),
    ) -> Standing:
        return Standing(
            progress=Progress.PAID,
            reference=order.reference,
            amount_minor=order.amount_minor,
            currency=order.currency,
            merchant="us",
            gateway_ref=f"t-{order.reference}",
            transaction_ref=f"x-{order.reference}",
            method=MethodFact("card-1", "Visa …4242"),
            refunds=refunds,
            disputes=disputes,
        )

    def pay(self, payment: Payment, **more: tuple[RefundFact | DisputeFact, ...]) -> Payment:
        """Let the member pay there, and tell what became of it."""
        standing = self.paid(order_of(payment), **more)  # type: ignore[arg-type]
        return learn(payment=payment, standing=standing, at=kit_clock.now())


def plan(slug: str) -> Plan:
    return Plan.objects.get(slug=slug)


def shown(person: User, slug: str, *, at: datetime | None = None) -> Preview:
    """Return what choosing the plan would do."""
    mine = subscription_of(make.caller(person))
    return preview(plan=plan(slug), subscription=mine, at=at or kit_clock.now())


def order(person: User, slug: str, *, seal: str = "") -> Payment | None:
    """Choose the plan as it is shown, and return the payment to make."""
    seal = seal or shown(person, slug).sealed(person_id=person.pk)
    return choose(by=make.caller(person), seal=seal, gateway="till", at=kit_clock.now())


def subscribed(person: User, till: Till, slug: str = "premium_starter") -> Subscription:
    """Let the person subscribe and pay."""
    payment = order(person, slug)
    assert payment
    till.pay(payment)
    return mine_of(person)


def mine_of(person: User) -> Subscription:
    mine: Subscription = Subscription.objects.filter(person=person).latest("began_at")
    return mine


def work() -> None:
    """Let the clock's job run now, and everything that follows from it."""
    enqueue("plans.find_due", at=kit_clock.now())
    run_due()
