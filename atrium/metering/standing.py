"""What is to be known of somebody before they ask, and holds for a moment: what pays for them."""

from dataclasses import dataclass
from datetime import datetime

from atrium.metering.deeds import deed_of_calls
from atrium.metering.queries import bound_of, credits_may_pay, plan_at
from atrium.payments import billing_clock
from atrium.people.caller import Caller
from atrium.plans.queries import is_bounded


@dataclass(frozen=True, slots=True)
class Standing:
    """``window`` are the tokens of the plan in six hours, and ``most`` with the ceiling of one
    without a bound; ``is_counted`` says that the plan bounds how often in a month they may ask."""

    tier: int
    window: int
    most: int | None
    credits_pay: bool
    is_counted: bool


def standing_of(caller: Caller, *, about_kind: str, at: datetime) -> Standing:
    """Return what pays for the caller's calls about such a thing."""
    plan = plan_at(caller, at=at)
    deed = deed_of_calls(about_kind)
    return Standing(
        tier=plan.order,
        window=plan.tokens_per_window,
        most=bound_of(plan),
        credits_pay=credits_may_pay(caller),
        is_counted=is_bounded(caller, deed.key, at=at + billing_clock.ahead()),
    )
