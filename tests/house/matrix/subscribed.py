"""A plan that somebody has, and what addresses call it."""

from datetime import timedelta
from importlib import import_module

from django.apps import apps

from atrium.kit import clock
from atrium.people.models import Guest, User
from atrium.plans.models import AllowanceUse, Period, Plan, Subscription
from tests import make


def subscribed(owner: User | Guest) -> dict[str, str]:
    """Count something that ``owner`` did; a person has a plan whose next month is not paid."""
    now = clock.now()
    AllowanceUse.objects.create(
        holder=make.caller(owner).audience, action="pictures", period_began_at=now, used=1
    )
    if not isinstance(owner, User):
        return {}
    if not Plan.objects.exists():  # a flushed database has lost them
        import_module("atrium.plans.migrations.0002_the_tiers").add(apps, None)
    plan = Plan.objects.get(slug="premium_starter")
    months = {"period_began_at": now - timedelta(days=31), "period_ends_at": now}
    subscription = Subscription.objects.create(
        person=owner,
        plan=plan,
        price_minor=plan.price_minor,
        currency=plan.currency,
        state=Subscription.State.PAST_DUE,
        day=now.day,
        began_at=now - timedelta(days=31),
        due_since=now,
        grace_until=now + timedelta(days=7),
        **months,
    )
    Period.objects.create(
        subscription=subscription,
        kind=Period.Kind.START,
        plan=plan,
        began_at=now - timedelta(days=31),
        ends_at=now,
    )
    return {
        "plan_slug": "premium_pro",
        "plans.plan": str(plan.pk),
        "plans.subscription": str(subscription.pk),
    }
