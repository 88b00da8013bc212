"""What the clock does about subscriptions: the next period is charged, asked for, or given up.

A renewal is a payment of its own. At most one is open at a time, so nothing is charged twice; a
subscription goes on being usable until its grace is over.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.jobs.actions import enqueue
from atrium.kit.money import Money
from atrium.options.queries import value
from atrium.payments.actions import CannotPayWith, Item, open_payment
from atrium.payments.gateways.registry import gateway_of
from atrium.payments.learning import learn_progress
from atrium.payments.models import Payment, SavedMethod
from atrium.payments.states import OPEN, Progress, State
from atrium.people.caller import Caller
from atrium.plans.actions.holding import end, hold, house_time, inform
from atrium.plans.models import Period, Plan, Subscription
from atrium.plans.retries import grace_from, next_retry
from atrium.plans.snapshots import PURPOSE, Ordered

_State, _Why = Subscription.State, Subscription.Why
AT_A_CHECKOUT = timedelta(hours=1)
"""How long somebody who pays by hand is left alone by the clock."""


def price_to_renew(subscription: Subscription, *, plan: Plan, at: datetime) -> Money:
    """Return what the next month costs: a price that rose only counts after some days of notice."""
    notice = timedelta(days=int(value("plans.price_notice_days")))
    is_same = plan.pk == subscription.plan_id and plan.currency == subscription.currency
    if is_same and subscription.is_given:
        return Money(0, plan.currency)
    changed = plan.price_changed_at
    if is_same and changed and at < changed + notice:
        return min(plan.price, subscription.price)
    return plan.price


def method_of(subscription: Subscription) -> SavedMethod | None:
    """Return what can be charged without the member; None when they have to pay by hand."""
    gateway = gateway_of(subscription.gateway)
    if gateway is None or not gateway.can_charge_again:
        return None
    kept = SavedMethod.objects.filter(
        person=subscription.person_id, gateway=subscription.gateway, ended_at=None
    )
    newest: SavedMethod | None = kept.order_by("-made_at", "-pk").first()
    return newest


def attend(*, subscription: Subscription, at: datetime) -> None:
    """Do what is due for the subscription now; twice at once, or again, does it once."""
    _let_go_of_a_checkout(subscription, at=at)
    with transaction.atomic():
        found = hold(subscription)
        if not found.is_live or found.paused_at or found.period_ends_at > at:
            return
        if found.person and not found.person.is_active:
            return  # nobody pays for a month in which they are kept out
        if found.cancel_asked_at or (found.next_plan and found.next_plan.is_free):
            end(found, why=_Why.CANCELED, at=at)
        elif found.grace_until and found.grace_until <= at:
            end(found, why=_Why.UNPAID, at=at)
        elif found.due_since is None or (found.retry_at and found.retry_at <= at):
            _try(found, at=at)


def open_renewal(held: Subscription, *, by_hand: bool, at: datetime) -> Payment:
    """Open the payment of the next period of a subscription that is held.

    :raises CannotPayWith: when its gateway is gone, or takes another currency
    """
    plan = held.next_plan or held.plan
    price = price_to_renew(held, plan=plan, at=at)
    ordered = Ordered(
        kind=Period.Kind.RENEWAL,
        plan_id=plan.pk,
        month_minor=price.minor,
        credits=plan.monthly_credits,
        subscription_id=held.pk,
        follows=held.period_ends_at,
        by_hand=by_hand,
    )
    number = Payment.objects.filter(
        purpose=PURPOSE, about_kind="plans.subscription", about_id=held.pk
    ).count()
    return open_payment(
        by=Caller(person=held.person),
        item=Item(
            purpose=PURPOSE,
            title=_("Plan %(plan)s, one month") % {"plan": plan.name},
            amount=price,
            snapshot=ordered.as_json(plan),
            about=("plans.subscription", held.pk),
        ),
        gateway=held.gateway,
        key=f"renew:{held.pk}:{held.period_ends_at.isoformat()}:{number}",
        keep_method=True,
        at=at,
    )


def note_failed(payment: Payment, *, at: datetime) -> None:
    """Keep that a payment came to nothing: a renewal is tried again, or the member is warned."""
    ordered = Ordered.of(payment)
    if ordered.kind != Period.Kind.RENEWAL:
        return
    found = hold(Subscription(pk=ordered.subscription_id))
    if not found.is_live or found.renewal_id != payment.pk:
        return
    found.renewal = None
    found.state = _State.PAST_DUE
    found.save()
    if not ordered.by_hand:
        _warn(found, "renewal_failed", why=payment.why, at=at)


def _try(held: Subscription, *, at: datetime) -> None:
    """Charge the next period, or ask the member to pay it."""
    held.due_since = held.due_since or at
    held.grace_until = held.grace_until or grace_from(at)
    held.retry_at = next_retry(since=held.due_since, until=held.grace_until, at=at)
    if held.renewal and held.renewal.state in OPEN:
        held.save()
        if held.renewal.state == State.PENDING:
            _warn(held, "payment_needed", url=_page_of(held.renewal), at=at)
        return
    held.attempts += 1
    try:
        held.renewal = open_renewal(held, by_hand=False, at=at)
    except CannotPayWith:
        held.renewal = None
    if held.renewal and held.renewal.state == State.PAID:
        return  # it costs nothing, and was given meanwhile
    method = method_of(held)
    if held.renewal and method:
        held.save()
        _charge(held.renewal, at=at)
        return
    held.state = _State.PAST_DUE
    held.save()
    _warn(held, "payment_needed", url=_page_of(held.renewal), at=at)


def _charge(payment: Payment, *, at: datetime) -> None:
    enqueue(
        "plans.charge",
        owner=payment.audience,
        about=("payment", payment.pk),
        key=f"plans.charge:{payment.pk}",
        at=house_time(at),
        payment_id=str(payment.pk),
    )


def _warn(held: Subscription, kind: str, *, url: str = "", why: str = "", at: datetime) -> None:
    """Tell the member what failed or is to be paid, and until when; the last time, that it ends."""
    assert held.grace_until is not None
    inform(
        held,
        kind=kind if held.retry_at else "last_warning",
        url=url,
        at=at,
        until=held.grace_until.isoformat(),
        again=held.retry_at.isoformat() if held.retry_at else "",
        why=why,
    )


def _page_of(payment: Payment | None) -> str:
    return f"/wallet/payments/{payment.pk}" if payment else ""


def _let_go_of_a_checkout(subscription: Subscription, *, at: datetime) -> None:
    """Give up what the member began to pay by hand and left, when it is time to charge again."""
    found = Subscription.objects.live().filter(pk=subscription.pk, retry_at__lte=at)
    held = found.select_related("renewal").first()
    payment = held.renewal if held else None
    if (
        held is None
        or payment is None
        or payment.state != State.PENDING
        or not Ordered.of(payment).by_hand
    ):
        return
    if method_of(held) and (payment.begun_at or payment.opened_at) + AT_A_CHECKOUT <= at:
        learn_progress(payment=payment, progress=Progress.CANCELLED, at=at)
