"""What follows when the money of a plan's payment goes back, or is fought about."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from atrium.ledger import actions as ledger
from atrium.payments.models import Payment
from atrium.payments.purposes import Returned
from atrium.plans.actions.holding import end, hold, inform
from atrium.plans.models import Period, Subscription

_Why = Subscription.Why


def take(payment: Payment, *, returned: Returned, at: datetime) -> None:
    """Take the same share of the credits back, and the plan when all of the money is back.

    A part that goes back is a kindness of staff: the plan stays.
    """
    period = _held_period_of(payment)
    if period is None:
        return  # nothing was given for it
    _move_credits(period, payment, returned, at=at)
    is_whole = returned.now == payment.amount_minor
    if is_whole and period.taken_at is None:
        period.taken_at = at
        _take_plan(period, at=at)
    elif not is_whole and period.taken_at:
        period.taken_at = None
        _give_plan_again(period, at=at)
    period.save()


def pause(payment: Payment, *, at: datetime) -> None:
    """Let the plan rest, with what is left of its credits, while the payment is disputed."""
    period = _held_period_of(payment)
    if period is None:
        return
    period.frozen_key = f"{payment.effect_key}:freeze"
    if left := period.credits - period.credits_back:
        ledger.freeze(
            holder=period.subscription.audience,
            amount=left,
            key=period.frozen_key,
            about=("payment", payment.pk),
            at=at,
        )
    period.save()
    found = period.subscription
    if found.is_live and found.period_ends_at == period.ends_at and found.paused_at is None:
        found.paused_at = at
        found.save()
        inform(found, kind="paused", at=at)


def go_on(payment: Payment, *, at: datetime) -> None:
    """Let plan and credits be used again."""
    period = _held_period_of(payment)
    if period is None or not period.frozen_key:
        return
    ledger.thaw(key=period.frozen_key, at=at)
    period.frozen_key = ""
    period.save()
    found = period.subscription
    if found.paused_at and not found.periods.exclude(frozen_key="").exists():
        found.paused_at = None
        found.save()


def _held_period_of(payment: Payment) -> Period | None:
    period = Period.objects.filter(payment=payment).first()
    if period is None:
        return None
    # First the subscription, then its periods: all who change them stand in one line.
    subscription = hold(period.subscription)
    period.refresh_from_db()
    period.subscription = subscription
    return period


def _move_credits(period: Period, payment: Payment, returned: Returned, *, at: datetime) -> None:
    due = period.credits * returned.now // payment.amount_minor
    more = due - period.credits_back
    period.credits_back = due
    told: dict[str, Any] = {
        "holder": period.subscription.audience,
        "kind": "plan_back",
        "about": ("payment", payment.pk),
        "at": at,
    }
    if more > 0:
        ledger.take_back(amount=more, key=f"{payment.effect_key}:plan_back", **told)
    elif more < 0:
        ledger.grant(amount=-more, key=f"{payment.effect_key}:plan_again", **told)


def _is_running(period: Period) -> bool:
    return period.subscription.period_ends_at == period.ends_at


def _take_plan(period: Period, *, at: datetime) -> None:
    found = period.subscription
    if not found.is_live or not _is_running(period):
        return
    if period.kind != Period.Kind.UPGRADE:
        end(found, why=_Why.REFUNDED, at=at)
    elif found.plan_id == period.plan_id and period.plan_before:
        found.plan, found.price_minor = period.plan_before, period.price_before_minor
        found.save()
        inform(found, kind="changed", amount="", at=at)


def _give_plan_again(period: Period, *, at: datetime) -> None:
    """Undo what a refund took that failed after all."""
    found = period.subscription
    if not _is_running(period) or at >= period.ends_at:
        return
    if period.kind != Period.Kind.UPGRADE and found.ended_why == _Why.REFUNDED:
        found.state, found.ended_at, found.ended_why = Subscription.State.ACTIVE, None, ""
        try:
            with transaction.atomic():
                found.save()
        except IntegrityError:
            found.refresh_from_db()  # they have another by now, which stays
    elif found.is_live and found.plan_id == period.plan_before_id:
        found.plan = period.plan
        found.price_minor = period.payment.snapshot["month_minor"] if period.payment else 0
        found.save()
