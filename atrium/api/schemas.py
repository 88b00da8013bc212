from datetime import datetime
from uuid import UUID

from ninja import Schema
from pydantic import Field

from atrium.web.schemas import example


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
        role="USER",
        plan=None,
        credits=0,
        window=None,
        has_paid=False,
    )

    id: UUID
    username: str | None = Field(description="null for a guest.")
    email: str | None
    role: str = Field(description="GUEST, USER or ADMIN.")
    plan: str | None
    credits: float = Field(description="What can be spent now.")
    window: Window | None
    has_paid: bool
