from datetime import datetime
from typing import Self
from uuid import UUID

from ninja import Schema
from pydantic import Field

from atrium.metering.window import WindowState
from atrium.web.schemas import StrictSchema, example


class Window(Schema):
    """The span of time within which a plan's tokens are counted."""

    limit: int = Field(description="Tokens in one window; -1 without a limit.")
    used: int = Field(description="Of them, with what calls under way have set aside.")
    opens_at: datetime | None = Field(description="null until the first token is used.")
    resets_at: datetime | None = Field(description="Six hours later.")

    @classmethod
    def of(cls, window: WindowState) -> Self:
        return cls(
            limit=window.limit,
            used=window.used,
            opens_at=window.opens_at,
            resets_at=window.resets_at,
        )


class Me(Schema):
    """Who is asking. What belongs to a room that does not stand yet is null."""

    model_config = example(
        id="01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a92",
        username="alice",
        email="alice@example.org",
        display_name="Alice A.",
        bio="Grows beans.",
        picture=None,
        language="en",
        theme="system",
        time_zone="Europe/Kyiv",
        role="USER",
        joined_at="2026-11-21T12:00:00Z",
        plan="basic",
        credits=0,
        window={
            "limit": 100_000,
            "used": 4_096,
            "opens_at": "2026-11-21T12:00:00Z",
            "resets_at": "2026-11-21T18:00:00Z",
        },
        has_paid=False,
        payment_date=None,
    )

    id: UUID
    username: str | None = Field(description="null for a guest.")
    email: str | None
    display_name: str | None
    bio: str | None
    picture: str | None = Field(description="Its address.")
    language: str | None = Field(description="Empty: as the browser asks.")
    theme: str | None
    time_zone: str | None = Field(description="Empty: the server's.")
    role: str = Field(description="GUEST, USER or ADMIN.")
    joined_at: datetime | None
    plan: str | None = Field(description="The name by which `/plans` lists it.")
    credits: float = Field(description="What can be spent now.")
    window: Window
    has_paid: bool
    payment_date: datetime | None = Field(description="When they paid last.")


class MeIn(StrictSchema):
    """What a person says of themselves; what is left out stays as it is."""

    model_config = example(display_name="Alice A.", bio="Grows beans.")

    display_name: str = Field("", max_length=80)
    bio: str = Field("", max_length=500)
    language: str = Field("", max_length=10)
    theme: str = Field("system", description="Of: system, light, dark.", max_length=6)
    time_zone: str = Field("", max_length=40)
