from datetime import datetime
from uuid import UUID

from ninja import Schema
from pydantic import Field

from atrium.web.schemas import StrictSchema, example


class Window(Schema):
    """The span of time within which a plan's tokens are counted."""

    limit: int | None = Field(description="Tokens in one window; null without a limit.")
    used: int
    opens_at: datetime | None
    resets_at: datetime | None


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
        window=None,
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
    window: Window | None
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
