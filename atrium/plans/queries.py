from datetime import datetime

from atrium.payments import billing_clock
from atrium.people.caller import Caller
from atrium.plans.models import FREE, GUEST, Plan, Subscription


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
    return Plan.objects.filter(slug=slug).first() or Plan(slug=slug, tokens_per_window=0)
