"""What a payment for a plan says it is for, as it was when it was opened."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from atrium.payments.models import Payment
from atrium.plans.models import Period, Plan

PURPOSE = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """``month_minor`` is a whole month of the plan, whatever this payment costs."""

    kind: Period.Kind
    plan_id: UUID
    month_minor: int
    credits: int = 0
    subscription_id: UUID | None = None
    follows: datetime | None = None  # the end of the period that was running
    plan_before_id: UUID | None = None
    by_hand: bool = False  # the member pays what the clock could not

    @classmethod
    def of(cls, payment: Payment) -> "Ordered":
        said = payment.snapshot
        return cls(
            kind=Period.Kind(said["kind"]),
            plan_id=UUID(said["plan"]),
            month_minor=said["month_minor"],
            credits=said["credits"],
            subscription_id=UUID(said["subscription"]) if said.get("subscription") else None,
            follows=datetime.fromisoformat(said["follows"]) if said.get("follows") else None,
            plan_before_id=UUID(said["plan_before"]) if said.get("plan_before") else None,
            by_hand=said.get("by_hand", False),
        )

    def as_json(self, plan: Plan) -> dict[str, Any]:
        """Return it for the payment's snapshot, with the plan's name for whoever reads it."""
        return {
            "kind": self.kind.value,
            "plan": str(self.plan_id),
            "plan_name": plan.name,
            "month_minor": self.month_minor,
            "credits": self.credits,
            "subscription": str(self.subscription_id or ""),
            "follows": self.follows.isoformat() if self.follows else "",
            "plan_before": str(self.plan_before_id or ""),
            "by_hand": self.by_hand,
        }
