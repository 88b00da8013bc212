from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Min, Q

from atrium.jobs.actions import enqueue
from atrium.jobs.registry import Run, every, job
from atrium.kit import clock
from atrium.ledger.guard import books_agree
from atrium.payments import billing_clock
from atrium.payments.actions import TooMuchBack, ask_refund
from atrium.payments.actions.refunds import CannotPayBack
from atrium.payments.checkout import charge_again
from atrium.payments.models import Payment
from atrium.people.caller import NOBODY
from atrium.plans.actions import offering, renewal
from atrium.plans.models import Plan, Subscription

AT_ONCE = 500


@job("plans.find_due")
def find_due(run: Run) -> None:
    """Find the subscriptions for which something is to be done, and have each attended to."""
    if not books_agree():
        return  # nothing may be charged, so nobody is warned or ended for not paying, either
    now = billing_clock.now()
    over = Subscription.objects.to_renew().filter(period_ends_at__lte=now)
    untouched = Q(due_since=None)
    due = over.filter(untouched | Q(retry_at__lte=now) | Q(grace_until__lte=now))
    for key in due.order_by("period_ends_at").values_list("pk", flat=True)[:AT_ONCE]:
        enqueue("plans.attend", at=clock.now(), subscription_id=str(key))


@job("plans.attend", attempts=10)
def attend(run: Run, *, subscription_id: UUID) -> None:
    """Renew one subscription, warn its member, or end it."""
    found = Subscription.objects.filter(pk=subscription_id).first()
    if found:
        renewal.attend(subscription=found, at=billing_clock.now())


@job("plans.charge", long=True, attempts=10)
def charge(run: Run, *, payment_id: UUID) -> None:
    """Charge what the member saved for a renewal: the gateway is called outside a transaction."""
    payment = Payment.objects.filter(pk=payment_id).first()
    found = Subscription.objects.filter(renewal=payment_id).first()
    method = renewal.method_of(found) if found else None
    if payment and method:
        charge_again(payment, method, at=billing_clock.now())


@job("plans.pay_back", attempts=10)
def pay_back(run: Run, *, payment_id: UUID, why: str) -> None:
    """Ask that what can give nothing any more is paid back, once it stands that it was paid."""
    payment = Payment.objects.get(pk=payment_id)
    if not payment.kept_minor:
        return
    told: dict[str, Any] = {"amount_minor": payment.kept_minor, "by": NOBODY, "reason": why}
    try:
        ask_refund(payment=payment, **told, at=billing_clock.now())
    except TooMuchBack:
        return  # somebody asked already
    except CannotPayBack:
        # The gateway has no call for it, so somebody of finance has to.
        Payment.objects.filter(pk=payment_id, needs_look="").update(needs_look="refund")


@job("plans.announce_price", attempts=10)
def announce_price(run: Run, *, plan_id: UUID) -> None:
    """Have each member with the plan told that its price rose."""
    now, plan = billing_clock.now(), Plan.objects.get(pk=plan_id)
    live = Subscription.objects.live().filter(plan=plan, price_minor__lt=plan.price_minor)
    for key in live.filter(period_ends_at__gt=now).values_list("pk", flat=True):
        told = f"plans.tell_price:{key}:{plan.price_changed_at}"
        enqueue("plans.tell_price", key=told, at=clock.now(), subscription_id=str(key))


@job("plans.tell_price", attempts=10)
def tell_price(run: Run, *, subscription_id: UUID) -> None:
    """Tell one of them."""
    found = Subscription.objects.live().filter(pk=subscription_id).select_related("plan").first()
    if found:
        offering.tell_price(subscription=found, price=found.plan.price, at=billing_clock.now())


def next_due(after: datetime) -> datetime | None:
    """Return when something is to be done for a subscription, the first time after that."""
    live = Subscription.objects.to_renew()
    columns = ("period_ends_at", "retry_at", "grace_until")
    found = [live.filter(**{f"{one}__gt": after}).aggregate(at=Min(one))["at"] for one in columns]
    return min((moment for moment in found if moment), default=None)


every("plans.find_due", timedelta(minutes=1))
billing_clock.follow("plans.find_due", next_at=next_due)
