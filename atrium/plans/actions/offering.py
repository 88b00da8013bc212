"""What is offered: plans are made and changed by staff, and never deleted."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.jobs.actions import enqueue
from atrium.kit.credits import MICRO
from atrium.kit.errors import Conflict, Unprocessable
from atrium.kit.limits import MB
from atrium.kit.money import Money
from atrium.plans.actions.holding import house_time, inform
from atrium.plans.allowances import deed_of
from atrium.plans.models import Allowance, Plan, Subscription

MOST_TOKENS = 10**12
MOST_CREDITS = 10**9
MOST_GB = 10**6
GB = 1000 * MB
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{1,39}")


class BadPlan(Unprocessable):
    """This cannot be a plan."""

    code = "bad_plan"


class PlanExists(Conflict):
    code = "plan_exists"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a plan says; ``storage_gb`` is None where the options of files decide."""

    name: str
    price: Money
    tokens_per_window: int
    monthly_credits: int  # whole ones
    storage_gb: int | None
    order: int

    def as_columns(self) -> dict[str, object]:
        return {
            "name": self.name,
            "price_minor": self.price.minor,
            "currency": self.price.currency,
            "tokens_per_window": self.tokens_per_window,
            "monthly_credits": self.monthly_credits * MICRO,
            "storage_bytes": None if self.storage_gb is None else self.storage_gb * GB,
            "order": self.order,
        }


def add_plan(*, slug: str, terms: Terms, by: str, at: datetime) -> Plan:
    """Make a plan, which is not sold yet.

    :raises BadPlan: when its name or its terms will not do
    :raises PlanExists: when there is one of this name
    """
    if not _SLUG.fullmatch(slug):
        raise BadPlan(_("Its short name has small letters, digits, hyphens and underscores only."))
    _check(terms, is_free=False)
    try:
        with transaction.atomic():
            plan: Plan = Plan.objects.create(slug=slug, is_sold=False, **terms.as_columns())
    except IntegrityError:
        raise PlanExists(_("There is a plan of this short name.")) from None
    note("plan.added", by=by, about=("plan", plan.pk), detail={"slug": slug}, at=at)
    return plan


@transaction.atomic
def change_plan(*, plan: Plan, terms: Terms, by: str, at: datetime) -> Plan:
    """Change what a plan says. What was paid stays; a new price counts with each next period.

    A price that rises reaches who has the plan only after some days, and they are told.

    :raises BadPlan: when the terms will not do
    """
    if terms.price.currency != plan.currency:
        raise BadPlan(_("The currency of a plan stays. Make another plan."))
    _check(terms, is_free=plan.is_free)
    rises = terms.price.minor > plan.price_minor
    before = str(plan.price)
    for name, value in terms.as_columns().items():
        setattr(plan, name, value)
    if str(plan.price) != before:
        plan.price_changed_at = at
    plan.save()
    detail = {"price": str(plan.price), "before": before, "name": plan.name}
    note("plan.changed", by=by, about=("plan", plan.pk), detail=detail, at=at)
    if rises:
        enqueue("plans.announce_price", at=house_time(at), plan_id=str(plan.pk))
    return plan


@transaction.atomic
def put_on_sale(*, plan: Plan, sold: bool, by: str, at: datetime) -> Plan:
    """Offer the plan, or no longer; who has it keeps it."""
    Plan.objects.filter(pk=plan.pk).update(is_sold=sold)
    plan.refresh_from_db()
    done = "plan.put_on_sale" if sold else "plan.taken_off_sale"
    note(done, by=by, about=("plan", plan.pk), at=at)
    return plan


@transaction.atomic
def allow(*, plan: Plan, action: str, per_month: int | None, by: str, at: datetime) -> None:
    """Say how often a month the plan lets one do something; None: it is not counted.

    :raises BadPlan: when no room counts that
    """
    if deed_of(action) is None:
        raise BadPlan(_("No room counts that."))
    if per_month is None:
        Allowance.objects.filter(plan=plan, action=action).delete()
    else:
        Allowance.objects.update_or_create(
            plan=plan, action=action, defaults={"per_month": per_month}
        )
    detail = {"action": action, "per_month": per_month}
    note("plan.allowance_changed", by=by, about=("plan", plan.pk), detail=detail, at=at)


def tell_price(*, subscription: Subscription, price: Money, at: datetime) -> None:
    """Tell one member that their plan's price rose."""
    until = subscription.period_ends_at.isoformat()
    inform(subscription, kind="price_rises", price=str(price), until=until, at=at)


def _check(terms: Terms, *, is_free: bool) -> None:
    if is_free and terms.price.minor:
        raise BadPlan(_("A plan that is free stays free. Make another plan."))
    if not is_free and not terms.price.minor:
        raise BadPlan(_("A price is more than nothing."))
    if is_free and terms.monthly_credits:
        raise BadPlan(_("Only a plan that is paid gives credits."))
    if not terms.name.strip():
        raise BadPlan(_("A plan has a name."))
