"""What follows from the money of a plan's payment, in the transaction that learns of it."""

from datetime import datetime

from django.db import IntegrityError, transaction

from atrium.ledger import actions as ledger
from atrium.payments.models import Payment
from atrium.plans.actions.holding import hold, inform, send_back
from atrium.plans.models import Period, Plan, Subscription
from atrium.plans.periods import month_after, period_at
from atrium.plans.snapshots import Ordered

_State = Subscription.State


def give(payment: Payment, *, at: datetime) -> None:
    """Give what was paid for; what cannot be given any more is paid back."""
    ordered = Ordered.of(payment)
    if ordered.kind == Period.Kind.START:
        _start(payment, ordered, at=at)
    elif ordered.kind == Period.Kind.UPGRADE:
        _upgrade(payment, ordered, at=at)
    else:
        _renew(payment, ordered, at=at)


def _start(payment: Payment, ordered: Ordered, *, at: datetime) -> None:
    started = _begin(payment, ordered, at=at)
    if started is None:
        send_back(payment, why="subscribed", at=at)
        return
    _keep(payment, ordered, started, at=at)
    inform(started, kind="began", until=started.period_ends_at.isoformat(), at=at)


def _begin(payment: Payment, ordered: Ordered, *, at: datetime) -> Subscription | None:
    """Open a subscription, unless the person has one that goes on."""
    try:
        with transaction.atomic():
            begun: Subscription = Subscription.objects.create(
                person=payment.person,
                plan=Plan.objects.get(pk=ordered.plan_id),
                price_minor=ordered.month_minor,
                currency=payment.currency,
                gateway=payment.gateway,
                day=at.day,
                began_at=at,
                period_began_at=at,
                period_ends_at=month_after(at, day=at.day),
            )
    except IntegrityError as broken:
        if "plans_one_live" not in str(broken) and "person_id" not in str(broken):
            raise
        return None
    return begun


def _renew(payment: Payment, ordered: Ordered, *, at: datetime) -> None:
    found = hold(Subscription(pk=ordered.subscription_id))
    if found.state == _State.UNPAID and _goes_on_again(found, ordered, at=at):
        began, ends = at, month_after(at, day=at.day)
        found.day = at.day  # nobody pays for the days between
    elif found.is_live and found.period_ends_at == ordered.follows:
        # Of months that nobody renewed none is made up for: only the one that runs is paid.
        began, ends = period_at(found.period_ends_at, day=found.day, at=at)
    else:
        send_back(payment, why="renewed" if found.is_live else "ended", at=at)
        return
    before = found.plan
    found.plan, found.next_plan = Plan.objects.get(pk=ordered.plan_id), None
    found.price_minor, found.currency = ordered.month_minor, payment.currency
    found.gateway = payment.gateway or found.gateway
    found.period_began_at, found.period_ends_at = began, ends
    _settle(found)
    _keep(payment, ordered, found, at=at)
    kind = "renewed" if found.plan == before else "changed"
    inform(found, kind=kind, amount=str(payment.amount), until=ends.isoformat(), at=at)


def _goes_on_again(ended: Subscription, ordered: Ordered, *, at: datetime) -> bool:
    """Make one that ended unpaid live again, when its renewal is paid late after all."""
    if ended.period_ends_at != ordered.follows:
        return False
    try:
        with transaction.atomic():
            Subscription.objects.filter(pk=ended.pk, state=_State.UNPAID).update(
                state=_State.ACTIVE, ended_at=None, ended_why=""
            )
    except IntegrityError:
        return False
    ended.ended_at, ended.ended_why = None, ""
    return True


def _upgrade(payment: Payment, ordered: Ordered, *, at: datetime) -> None:
    found = hold(Subscription(pk=ordered.subscription_id))
    fits = (
        found.is_live
        and found.plan_id == ordered.plan_before_id
        and found.period_ends_at == ordered.follows
        and at < found.period_ends_at
    )
    if not fits:
        send_back(payment, why="changed", at=at)
        return
    price_before = found.price_minor
    found.plan, found.next_plan = Plan.objects.get(pk=ordered.plan_id), None
    found.price_minor, found.cancel_asked_at = ordered.month_minor, None
    found.gateway = payment.gateway or found.gateway
    found.save()
    _keep(payment, ordered, found, price_before=price_before, at=at)
    inform(found, kind="changed", amount=str(payment.amount), at=at)


def _settle(subscription: Subscription) -> None:
    """Keep that nothing is due."""
    subscription.state = _State.ACTIVE
    subscription.renewal = None
    subscription.attempts = 0
    subscription.due_since = subscription.retry_at = subscription.grace_until = None
    subscription.save()


def _keep(
    payment: Payment,
    ordered: Ordered,
    subscription: Subscription,
    *,
    price_before: int = 0,
    at: datetime,
) -> None:
    """Write down what the payment gave, and give its credits."""
    is_upgrade = ordered.kind == Period.Kind.UPGRADE
    Period.objects.create(
        subscription=subscription,
        payment=payment,
        kind=ordered.kind,
        plan=subscription.plan,
        plan_before_id=ordered.plan_before_id,
        price_before_minor=price_before,
        began_at=at if is_upgrade else subscription.period_began_at,
        ends_at=subscription.period_ends_at,
        credits=ordered.credits,
    )
    if ordered.credits:
        ledger.grant(
            holder=subscription.audience,
            amount=ordered.credits,
            key=f"{payment.effect_key}:plan",
            kind="plan",
            about=("payment", payment.pk),
            at=at,
        )
