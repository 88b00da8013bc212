"""What choosing a plan would do, shown before, and sealed so that just this is charged."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from atrium.kit.credits import shown_balance
from atrium.kit.errors import Conflict
from atrium.kit.money import Money
from atrium.kit.secrets import BadSignature, sign, verify
from atrium.plans.models import Plan, Subscription
from atrium.plans.periods import month_after
from atrium.plans.proration import change, split

GOOD_FOR = timedelta(minutes=30)
_PURPOSE = "plans.preview"


class OutdatedPreview(Conflict):
    """What was shown no longer holds: something changed since, or it is too long ago."""

    code = "outdated_preview"


class Step(StrEnum):
    START = "start"
    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    END = "end"
    STAY = "stay"  # it is theirs, and a change that was chosen for later is dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """``due`` is paid now; from ``at`` the plan holds, and from ``renews_at`` a month's ``price``.

    ``month_minor`` is the plan's price for a month.
    """

    step: Step
    plan: Plan
    subscription: Subscription | None
    due: Money
    back: Money
    price: Money
    credits: int
    holds_from: datetime
    renews_at: datetime | None
    made_at: datetime

    @property
    def good_until(self) -> datetime:
        return self.made_at + GOOD_FOR

    @property
    def forth(self) -> Money:
        """What the rest of the running month costs at the new price."""
        return self.due + self.back

    @property
    def credits_shown(self) -> str:
        return shown_balance(self.credits)

    def sealed(self, *, person_id: UUID) -> str:
        """Return what brings it back unchanged."""
        said = {
            "person": str(person_id),
            "step": self.step.value,
            "plan": str(self.plan.pk),
            "state": _state_of(self.subscription),
            "due": self.due.minor,
            "back": self.back.minor,
            "month": self.price.minor,
            "currency": self.price.currency,
            "credits": self.credits,
            "made_at": self.made_at.isoformat(),
        }
        return sign(json.dumps(said), purpose=_PURPOSE, expires=self.good_until)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a sealed preview said."""

    step: Step
    plan_id: UUID
    due: Money
    month_minor: int
    credits: int
    key: str  # the same for the same preview


def preview(*, plan: Plan, subscription: Subscription | None, at: datetime) -> Preview:
    """Return what choosing ``plan`` would do to somebody with this subscription, or with none."""
    nothing = Money(0, plan.currency)
    told: dict[str, Any] = {
        "plan": plan,
        "subscription": subscription,
        "price": plan.price,
        "made_at": at,
    }
    free: dict[str, Any] = {"due": nothing, "back": nothing, "credits": 0}
    if subscription is None:
        if plan.is_free:
            return Preview(step=Step.STAY, holds_from=at, renews_at=None, **free, **told)
        ends = month_after(at, day=at.day)
        begun: dict[str, Any] = {
            "due": plan.price,
            "back": nothing,
            "credits": plan.monthly_credits,
        }
        return Preview(step=Step.START, holds_from=at, renews_at=ends, **begun, **told)
    ends = subscription.period_ends_at
    if plan.pk == subscription.plan_id:
        return Preview(step=Step.STAY, holds_from=at, renews_at=ends, **free, **told)
    if plan.is_free:
        return Preview(step=Step.END, holds_from=ends, renews_at=None, **free, **told)
    if plan.currency != subscription.currency or plan.price_minor <= subscription.price_minor:
        return Preview(step=Step.DOWNGRADE, holds_from=ends, renews_at=ends, **free, **told)
    return Preview(
        step=Step.UPGRADE,
        holds_from=at,
        renews_at=ends,
        **_cost_of_change(plan, subscription, at=at),
        **told,
    )


def opened(seal: str, *, person_id: UUID, subscription: Subscription | None, at: datetime) -> Shown:
    """Return what was shown, if it was shown to this person and still holds.

    :raises OutdatedPreview: otherwise
    """
    try:
        said = json.loads(verify(seal, purpose=_PURPOSE, at=at))
    except BadSignature:
        raise _outdated() from None
    if said["person"] != str(person_id) or said["state"] != _state_of(subscription):
        raise _outdated()
    return Shown(
        step=Step(said["step"]),
        plan_id=UUID(said["plan"]),
        due=Money(said["due"], said["currency"]),
        month_minor=said["month"],
        credits=said["credits"],
        key=f"plan:{hashlib.sha256(seal.encode()).hexdigest()[:40]}",
    )


def _cost_of_change(plan: Plan, subscription: Subscription, *, at: datetime) -> dict[str, Any]:
    times: dict[str, Any] = {
        "began": subscription.period_began_at,
        "ends": subscription.period_ends_at,
        "at": at,
    }
    cost = change(old_minor=subscription.price_minor, new_minor=plan.price_minor, **times)
    more = max(0, plan.monthly_credits - subscription.plan.monthly_credits)
    return {
        "due": Money(cost.due_minor, plan.currency),
        "back": Money(cost.back_minor, plan.currency),
        "credits": split(more, **times).rest,
    }


def _state_of(subscription: Subscription | None) -> str:
    """Return what must not have changed between what was shown and what is done."""
    if subscription is None:
        return ""
    ends = subscription.period_ends_at.isoformat()
    return f"{subscription.pk} {subscription.plan_id} {subscription.price_minor} {ends}"


def _outdated() -> OutdatedPreview:
    return OutdatedPreview(
        _("What was shown no longer holds."), way_on=_("Look at it again, and choose anew.")
    )
