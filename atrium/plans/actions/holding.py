"""Taking a subscription for the length of a transaction, and what every change of it needs."""

from datetime import datetime
from typing import Any

from django.db.models import F

from atrium.audit.actions import note
from atrium.events.actions import tell
from atrium.jobs.actions import enqueue
from atrium.kit import clock
from atrium.kit.errors import Conflict, NotFound
from atrium.notifications.actions import notify
from atrium.payments.models import Payment, SavedMethod
from atrium.plans.models import Subscription

PAGE = "/wallet/plan"


class NoSubscription(NotFound):
    """There is no subscription that goes on."""

    code = "no_subscription"


class CannotChange(Conflict):
    """The subscription is not in a state in which this can be done."""

    code = "cannot_change_plan"


def house_time(at: datetime) -> datetime:
    """Return ``at`` for floors that know nothing of a billing clock that was turned forward.

    A job or a letter for the time it shows would wait until then.
    """
    return min(at, clock.now())


def hold(subscription: Subscription) -> Subscription:
    """Take the row for this transaction, and read it: of two who change it, one waits."""
    rows = Subscription.objects.filter(pk=subscription.pk)
    rows.update(attempts=F("attempts"))
    held: Subscription = rows.select_related("plan", "next_plan", "person", "renewal").get()
    return held


def inform(
    subscription: Subscription, *, kind: str, url: str = "", at: datetime, **params: Any
) -> None:
    """Tell the member what became of their plan."""
    person = subscription.person
    assert person is not None
    told, now = {"plan": subscription.plan.name, **params}, house_time(at)
    notify(person=person, kind=f"plans.{kind}", params=told, url=url or PAGE, at=now)
    tell(subscription.audience, "plan.changed", {"id": str(subscription.pk)}, at=now)


def end(subscription: Subscription, *, why: Subscription.Why, at: datetime) -> None:
    """End what was held: the free plan holds, and what they paid with is forgotten."""
    unpaid = why == Subscription.Why.UNPAID
    subscription.state = Subscription.State.UNPAID if unpaid else Subscription.State.CANCELED
    subscription.ended_at, subscription.ended_why = at, why
    subscription.retry_at = subscription.grace_until = subscription.due_since = None
    subscription.next_plan = None
    subscription.save()
    # It was kept for the renewals alone.
    SavedMethod.objects.filter(
        person=subscription.person_id, gateway=subscription.gateway, ended_at=None
    ).update(ended_at=at)
    inform(subscription, kind="ended", why=why.value, at=at)


def send_back(payment: Payment, *, why: str, at: datetime) -> None:
    """Have money paid back for which there is nothing left to give."""
    if not payment.amount_minor:
        return
    assert payment.person is not None
    now = house_time(at)
    params = {"amount": str(payment.amount), "why": why}
    url = f"/wallet/payments/{payment.pk}"
    notify(person=payment.person, kind="plans.paid_back", params=params, url=url, at=now)
    note(
        "plans.payment_sent_back",
        by="system",
        about=("payment", payment.pk),
        detail={"amount": str(payment.amount), "why": why},
        at=now,
    )
    enqueue(
        "plans.pay_back",
        owner=payment.audience,
        key=f"plans.pay_back:{payment.pk}",
        at=now,
        payment_id=str(payment.pk),
        why=why,
    )
