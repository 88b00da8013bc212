from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from ninja import Schema
from pydantic import Field, StrictBool

from atrium.metering.deeds import room_of
from atrium.metering.models import Receipt, UsageLog
from atrium.metering.statistics import Month, Portion, Sums, Usage
from atrium.web.schemas import StrictSchema, example

_SUMS: dict[str, Any] = {"calls": 3, "tokens": 4_096, "worth_micro": 900, "charged_micro": 0}
_CALL: dict[str, Any] = {
    "id": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a90",
    "model": "reader",
    "about_kind": "turn",
    "about_id": "01932d1c-7b10-7d02-8d51-0a6f6f3f2f11",
    "room": "Chat",
    "state": "settled",
    "payer": "window",
    "tokens_in": 40,
    "tokens_out": 21,
    "charged_micro": 0,
    "price_version": 1,
    "entry_about": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a91",
    "began_at": "2026-11-21T12:00:00Z",
    "ended_at": "2026-11-21T12:00:03Z",
}
_LINE: dict[str, Any] = {
    "action": "chat.message",
    "success": True,
    "model": "reader",
    "units": 1,
    "tokens": 61,
    "charged_micro": 0,
    "at": "2026-11-21T12:00:03Z",
}


class UsageSums(Schema):
    """What calls took together."""

    model_config = example(**_SUMS)

    calls: int
    tokens: int
    worth_micro: int = Field(description="Millionths of a credit, whoever paid.")
    charged_micro: int = Field(description="Millionths of a credit that credits paid.")

    @classmethod
    def of(cls, sums: Sums) -> Self:
        return cls(
            calls=sums.calls,
            tokens=sums.tokens,
            worth_micro=sums.worth,
            charged_micro=sums.charged,
        )


class UsageDay(UsageSums):
    model_config = example(date="2026-11-21", **_SUMS)

    date: date


class UsagePortion(UsageSums):
    model_config = example(title="Reader", **_SUMS)

    title: str

    @classmethod
    def part(cls, portion: Portion) -> Self:
        return cls(title=portion.title, **UsageSums.of(portion.sums).model_dump())


class UsageMonth(Schema):
    """The month of your plan that runs, and how often in it you did what."""

    model_config = example(
        began_at="2026-11-21T12:00:00Z",
        ends_at="2026-12-21T12:00:00Z",
        counted={"generations": 3, "chat_messages": 3},
    )

    began_at: datetime
    ends_at: datetime
    counted: dict[str, int] = Field(description="By name, such as `generations`.")

    @classmethod
    def of(cls, month: Month) -> Self:
        counted = {one.stat.value: one.count for one in month.counted}
        return cls(began_at=month.began_at, ends_at=month.ends_at, counted=counted)


class UsageOut(Schema):
    """The last 30 days, and the month of your plan."""

    model_config = example(
        credits_pay=False,
        month={
            "began_at": "2026-11-21T12:00:00Z",
            "ends_at": "2026-12-21T12:00:00Z",
            "counted": {"generations": 3, "chat_messages": 3},
        },
        sums=_SUMS,
        days=[{"date": "2026-11-21", **_SUMS}],
        models=[{"title": "Reader", **_SUMS}],
        rooms=[{"title": "Chat", **_SUMS}],
    )

    credits_pay: bool = Field(description="Whether credits pay where the window does not reach.")
    month: UsageMonth
    sums: UsageSums
    days: list[UsageDay]
    models: list[UsagePortion]
    rooms: list[UsagePortion]

    @classmethod
    def told(cls, usage: Usage, month: Month, *, credits_pay: bool) -> Self:
        return cls(
            credits_pay=credits_pay,
            month=UsageMonth.of(month),
            sums=UsageSums.of(usage.sums),
            days=[
                UsageDay(date=day.date, **UsageSums.of(day.sums).model_dump()) for day in usage.days
            ],
            models=[UsagePortion.part(one) for one in usage.models],
            rooms=[UsagePortion.part(one) for one in usage.rooms],
        )


class CreditsPayIn(StrictSchema):
    model_config = example(allowed=True)

    allowed: StrictBool


class CreditsPayOut(Schema):
    """Whether your credits pay where the window does not reach."""

    model_config = example(allowed=True)

    allowed: bool


class CallReceipt(Schema):
    """What one call used, and who paid."""

    model_config = example(**_CALL)

    id: UUID
    model: str
    about_kind: str
    about_id: UUID
    room: str = Field(description="In your language.")
    state: str = Field(description="Of: open, settled, released.")
    payer: str = Field(description="Of: window, credits.")
    tokens_in: int
    tokens_out: int
    charged_micro: int = Field(description="Millionths of a credit.")
    price_version: int
    entry_about: UUID = Field(description="The `about_id` of its entries in the books.")
    began_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, one: Receipt) -> Self:
        return cls(
            id=one.pk,
            model=one.model.slug,
            about_kind=one.about_kind,
            about_id=one.about_id,
            room=room_of(one.about_kind),
            state=one.state,
            payer=one.payer,
            tokens_in=one.tokens_in,
            tokens_out=one.tokens_out,
            charged_micro=one.charged,
            price_version=one.price_version,
            entry_about=one.hold_id,
            began_at=one.began_at,
            ended_at=one.ended_at,
        )


class CallReceiptPage(Schema):
    model_config = example(items=[_CALL], next=None)

    items: list[CallReceipt]
    next: str | None = Field(description="Send it as `after` for what follows.")


class UsageLine(Schema):
    """Something that you did or tried to do."""

    model_config = example(**_LINE)

    action: str
    success: bool
    model: str
    units: int
    tokens: int
    charged_micro: int = Field(description="Millionths of a credit.")
    at: datetime

    @classmethod
    def of(cls, one: UsageLog) -> Self:
        return cls(
            action=one.action,
            success=one.success,
            model=one.model.slug if one.model else "",
            units=one.units,
            tokens=one.tokens,
            charged_micro=one.charged,
            at=one.at,
        )


class UsageLinePage(Schema):
    model_config = example(items=[_LINE], next=None)

    items: list[UsageLine]
    next: str | None = Field(description="Send it as `after` for what follows.")
