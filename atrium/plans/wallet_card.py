"""The plan, on the wallet's page."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from atrium.payments import billing_clock
from atrium.payments.wallet_cards import Card, Link, register, register_link
from atrium.plans.actions.renewal import price_to_renew
from atrium.plans.offered import points_of
from atrium.plans.queries import plan_of, subscription_of


def _told(request: HttpRequest) -> Mapping[str, Any] | None:
    caller, now = request.caller, billing_clock.now()  # type: ignore[attr-defined]
    if caller.is_nobody:
        return None
    plan, mine = plan_of(caller, now), subscription_of(caller)
    told = {"plan": plan, "points": points_of(plan)[:2], "subscription": mine}
    if mine:
        comes = mine.next_plan or mine.plan
        told["price"] = price_to_renew(mine, plan=comes, at=mine.period_ends_at)
        told["is_over"] = bool(mine.cancel_asked_at and mine.period_ends_at <= now)
    return told


register(
    Card(
        key="plan", order=100, place="side", template="plans/parts/wallet_card.html", context=_told
    )
)
register_link(Link(key="plans", order=200, title=_("Plans"), url_name="plans:plans"))
