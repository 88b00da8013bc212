from datetime import datetime
from decimal import Decimal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from atrium.kit.credits import MICRO
from atrium.kit.limits import LIMITS
from atrium.people.models import ApiKey
from atrium.people.scopes import SCOPES
from atrium.web.schemas import StrictSchema, example

_KEY = {
    "id": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a90",
    "name": "nightly report",
    "prefix": "atr_key_a1B2…",
    "scopes": ["read"],
    "made_at": "2026-11-21T12:00:00Z",
    "expires_at": "2027-02-19T12:00:00Z",
    "last_used_at": None,
    "spend_limit": "10",
    "spent": "0.25",
}


class KeyOut(Schema):
    """A key of a program. Its token was shown when it was made, and is not kept."""

    model_config = example(**_KEY)

    id: UUID
    name: str
    prefix: str
    scopes: list[str]
    made_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    spend_limit: Decimal | None = Field(description="Credits that its calls may cost in all.")
    spent: Decimal = Field(description="Credits that they cost, or may still cost.")

    @classmethod
    def of(cls, key: ApiKey) -> "KeyOut":
        named = ("id", "name", "prefix", "scopes", "made_at", "expires_at", "last_used_at")
        return cls(
            **{name: getattr(key, name) for name in named},
            spend_limit=None if key.spend_limit is None else Decimal(key.spend_limit) / MICRO,
            spent=Decimal(key.spent) / MICRO,
        )


class NewKeyOut(KeyOut):
    """A key just made: the only answer that holds its ``token``."""

    model_config = example(**_KEY, token="atr_key_a1B2…")  # noqa: S106

    token: str

    @classmethod
    def with_token(cls, key: ApiKey, token: str) -> "NewKeyOut":
        return cls(**KeyOut.of(key).model_dump(), token=token)


class KeyIn(StrictSchema):
    model_config = example(
        name="nightly report", scopes=["read"], expires_at=None, spend_limit="10"
    )

    name: str = Field(min_length=1, max_length=80, pattern=r"\S")
    scopes: list[str] = Field(
        min_length=1, max_length=len(SCOPES), description=f"Of: {', '.join(SCOPES)}."
    )
    expires_at: AwareDatetime | None = Field(
        None, description="With its time zone; never, when left out."
    )
    spend_limit: Decimal | None = Field(
        None,
        gt=0,
        le=LIMITS.key_spend_credits,
        max_digits=16,
        decimal_places=6,
        description="Credits that all its calls may cost; as many as you have, when left out.",
    )


class KeyPage(Schema):
    model_config = example(items=[_KEY], next=None)

    items: list[KeyOut]
    next: str | None = Field(description="Send it as `after` for what follows.")
