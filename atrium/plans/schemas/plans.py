from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from ninja import Schema
from pydantic import Field, StrictBool

from atrium.kit.credits import MICRO
from atrium.kit.money import Money
from atrium.payments.models import Payment
from atrium.plans.models import UNLIMITED, Plan, Subscription
from atrium.plans.previews import Preview
from atrium.web.schemas import StrictSchema, example

_NINE = {"minor": 999, "currency": "USD", "text": "9.99 USD"}
_PLAN: dict[str, Any] = {
    "slug": "premium_starter",
    "name": "Premium Starter",
    "price": _NINE,
    "tokens_per_6_hours": 500_000,
    "monthly_credits": 50,
    "storage_bytes": 20_000_000_000,
    "allowances": {},
}


class MoneyOut(Schema):
    """An amount in whole minor units of its currency."""

    minor: int
    currency: str
    text: str

    @classmethod
    def of(cls, money: Money) -> "MoneyOut":
        return cls(minor=money.minor, currency=money.currency, text=str(money))


class PlanOut(Schema):
    model_config = example(**_PLAN)

    slug: str
    name: str
    price: MoneyOut = Field(description="A month.")
    tokens_per_6_hours: int | None = Field(description="null without a limit.")
    monthly_credits: float
    storage_bytes: int | None = Field(description="null: what the house gives everybody.")
    allowances: dict[str, int | None] = Field(description="How often a month; null: no limit.")

    @classmethod
    def of(cls, plan: Plan) -> "PlanOut":
        return cls(
            slug=plan.slug,
            name=plan.name,
            price=MoneyOut.of(plan.price),
            tokens_per_6_hours=_bound(plan.tokens_per_window),
            monthly_credits=plan.monthly_credits / MICRO,
            storage_bytes=plan.storage_bytes,
            allowances={one.action: _bound(one.per_month) for one in plan.allowances.all()},
        )


class PlanList(Schema):
    model_config = example(items=[_PLAN])

    items: list[PlanOut]


_SUBSCRIPTION: dict[str, Any] = {
    "id": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a90",
    "plan": "premium_starter",
    "state": "active",
    "price": _NINE,
    "began_at": "2026-11-21T12:00:00Z",
    "period_began_at": "2026-11-21T12:00:00Z",
    "period_ends_at": "2026-12-21T12:00:00Z",
    "cancel_at_period_end": False,
    "next_plan": None,
    "retry_at": None,
    "grace_until": None,
    "paused": False,
}


class SubscriptionOut(Schema):
    """A plan that goes on from month to month."""

    model_config = example(**_SUBSCRIPTION)

    id: UUID
    plan: str
    state: str = Field(description="active, past_due, canceled or unpaid.")
    price: MoneyOut = Field(description="A month of the running period.")
    began_at: datetime
    period_began_at: datetime
    period_ends_at: datetime
    cancel_at_period_end: bool
    next_plan: str | None = Field(description="The plan from the next period on.")
    retry_at: datetime | None = Field(description="When a renewal that failed is tried again.")
    grace_until: datetime | None = Field(description="Until when the plan holds unpaid.")
    paused: bool = Field(description="While its payment is disputed.")

    @classmethod
    def of(cls, one: Subscription) -> "SubscriptionOut":
        return cls(
            id=one.pk,
            plan=one.plan.slug,
            state=one.state,
            price=MoneyOut.of(one.price),
            began_at=one.began_at,
            period_began_at=one.period_began_at,
            period_ends_at=one.period_ends_at,
            cancel_at_period_end=one.cancel_asked_at is not None,
            next_plan=one.next_plan.slug if one.next_plan else None,
            retry_at=one.retry_at,
            grace_until=one.grace_until,
            paused=one.paused_at is not None,
        )


class MyPlanOut(Schema):
    model_config = example(plan=_PLAN, subscription=_SUBSCRIPTION)

    plan: PlanOut = Field(description="The plan that holds now.")
    subscription: SubscriptionOut | None = Field(description="null with the free plan.")


class PreviewOut(Schema):
    """What choosing a plan would do, and cost now."""

    model_config = example(
        step="upgrade",
        plan="premium_pro",
        due={"minor": 1000, "currency": "USD", "text": "10.00 USD"},
        back={"minor": 499, "currency": "USD", "text": "4.99 USD"},
        price={"minor": 2999, "currency": "USD", "text": "29.99 USD"},
        credits=75,
        holds_from="2026-12-06T12:00:00Z",
        renews_at="2026-12-21T12:00:00Z",
        good_until="2026-12-06T12:30:00Z",
        preview="eyJ…",
    )

    step: Literal["start", "upgrade", "downgrade", "end", "stay"]
    plan: str
    due: MoneyOut = Field(description="To pay now.")
    back: MoneyOut = Field(description="What is left of the plan before, already taken off.")
    price: MoneyOut = Field(description="A month from the next renewal on.")
    credits: float = Field(description="Given at once.")
    holds_from: datetime
    renews_at: datetime | None
    good_until: datetime
    preview: str = Field(description="Send it to have just this done.")

    @classmethod
    def of(cls, seen: Preview, *, person_id: UUID) -> "PreviewOut":
        return cls(
            step=seen.step.value,
            plan=seen.plan.slug,
            due=MoneyOut.of(seen.due),
            back=MoneyOut.of(seen.back),
            price=MoneyOut.of(seen.price),
            credits=seen.credits / MICRO,
            holds_from=seen.holds_from,
            renews_at=seen.renews_at,
            good_until=seen.good_until,
            preview=seen.sealed(person_id=person_id),
        )


class ChooseIn(StrictSchema):
    model_config = example(preview="eyJ…", gateway="sandbox")

    preview: str = Field(max_length=2000, description="Of `/subscription/preview`.")
    gateway: str = Field("", max_length=20, description="Needed where something is to be paid.")


class CancelIn(StrictSchema):
    model_config = example(now=False)

    now: StrictBool = Field(default=False, description="At once, not with the period.")


class PayIn(StrictSchema):
    model_config = example(gateway="sandbox")

    gateway: str = Field("", max_length=20, description="Empty: the one it was paid with last.")


class ToPayOut(Schema):
    """A payment to make, on its page in a browser."""

    model_config = example(
        id="01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a91",
        amount=_NINE,
        page="https://atrium.example/wallet/payments/01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a91",
    )

    id: UUID
    amount: MoneyOut
    page: str

    @classmethod
    def of(cls, payment: Payment) -> "ToPayOut":
        page = f"{settings.PUBLIC_ADDRESS}/wallet/payments/{payment.pk}"
        return cls(id=payment.pk, amount=MoneyOut.of(payment.amount), page=page)


class ChosenOut(Schema):
    model_config = example(payment=None, subscription=_SUBSCRIPTION)

    payment: ToPayOut | None = Field(description="What is to be paid; null: it is done.")
    subscription: SubscriptionOut | None


def _bound(number: int) -> int | None:
    return None if number == UNLIMITED else number
