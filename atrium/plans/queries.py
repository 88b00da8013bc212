from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext as _

from atrium.kit.errors import NotFound
from atrium.payments import billing_clock
from atrium.payments.models import Payment
from atrium.payments.states import GIVEN
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.plans.models import (
    FREE,
    GUEST,
    UNLIMITED,
    Allowance,
    AllowanceUse,
    Plan,
    Subscription,
)
from atrium.plans.periods import period_at

_TOKENS = {GUEST: 20_000, FREE: 100_000}
"""What the plans that everybody has give in a window, should their rows be gone."""


class NoSuchPlan(NotFound):
    """There is no plan of that name, or it is not to be chosen."""

    code = "no_such_plan"


@dataclass(frozen=True, slots=True)
class HasAllowance:
    """How often somebody may do something in the period that runs; UNLIMITED is no bound."""

    limit: int
    used: int
    began_at: datetime
    ends_at: datetime


def subscription_of(caller: Caller) -> Subscription | None:
    """Return the caller's subscription that has not ended, whether or not it gives anything now."""
    if caller.person is None:
        return None
    live = Subscription.objects.visible_to(caller).live()
    found: Subscription | None = live.select_related("plan", "next_plan", "renewal").first()
    return found


def plan_of(caller: Caller, at: datetime | None = None) -> Plan:
    """Return the plan that holds for whoever asks: now, or at that moment of the billing clock."""
    subscription = subscription_of(caller)
    if subscription and subscription.gives_at(at or billing_clock.now()):
        return subscription.plan
    slug = FREE if caller.is_member else GUEST
    found = Plan.objects.filter(slug=slug).first()
    return found or Plan(slug=slug, tokens_per_window=_TOKENS[slug])


def plans_to_choose() -> list[Plan]:
    """Return what is offered, in its order, with what each allows."""
    return list(Plan.objects.sold().in_order().prefetch_related("allowances"))


def every_plan() -> list[Plan]:
    """Return all plans in their order, also those that nobody can choose."""
    return list(Plan.objects.in_order())


def plan_to_choose(slug: str) -> Plan:
    """:raises NoSuchPlan: when it is not offered"""
    found: Plan | None = Plan.objects.sold().filter(slug=slug).first()
    if found is None:
        raise NoSuchPlan(_("There is no such plan."), way_on=_("Choose a plan at /plans."))
    return found


def period_of(caller: Caller, *, at: datetime) -> tuple[datetime, datetime]:
    """Return the month that what the caller uses is counted in.

    That of their subscription; else one that begins on the day they came.
    """
    mine = subscription_of(caller)
    if mine and mine.gives_at(at):
        # Found by the calendar, so that a renewal that is late begins no later.
        return period_at(mine.period_began_at, day=mine.day, at=at)
    came = caller.person.joined_at if caller.person else None
    came = caller.guest.first_seen_at if caller.guest else came
    return period_at(came, day=came.day, at=at) if came else (at, at)


def allowance_of(caller: Caller, action: str, *, at: datetime) -> HasAllowance:
    """Return how often the caller may do something, and did."""
    began, ends = period_of(caller, at=at)
    bound = Allowance.objects.filter(plan=plan_of(caller, at).pk, action=action).first()
    row = AllowanceUse.objects.filter(
        holder=caller.audience, action=action, period_began_at=began
    ).first()
    limit = bound.per_month if bound else UNLIMITED
    return HasAllowance(limit, row.used if row else 0, began, ends)


def is_bounded(caller: Caller, action: str, *, at: datetime) -> bool:
    """Whether any plan bounds how often the action is done; only then is it asked whose."""
    bounds = Allowance.objects.filter(action=action)
    return bounds.exists() and bounds.filter(plan=plan_of(caller, at).pk).exists()


def last_payment_of(person: User) -> datetime | None:
    """Return when the person last paid for anything that they still have."""
    given = Payment.objects.filter(person=person, state__in=GIVEN, amount_minor__gt=0)
    last: datetime | None = given.aggregate(last=Max("fulfilled_at"))["last"]
    return last
