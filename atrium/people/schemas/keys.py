from datetime import datetime
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

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

    @classmethod
    def of(cls, key: ApiKey) -> "KeyOut":
        return cls.model_validate(key)


class NewKeyOut(KeyOut):
    """A key just made: the only answer that holds its ``token``."""

    model_config = example(**_KEY, token="atr_key_a1B2…")  # noqa: S106

    token: str

    @classmethod
    def with_token(cls, key: ApiKey, token: str) -> "NewKeyOut":
        return cls(**KeyOut.of(key).model_dump(), token=token)


class KeyIn(StrictSchema):
    model_config = example(name="nightly report", scopes=["read"], expires_at=None)

    name: str = Field(min_length=1, max_length=80, pattern=r"\S")
    scopes: list[str] = Field(
        min_length=1, max_length=len(SCOPES), description=f"Of: {', '.join(SCOPES)}."
    )
    expires_at: AwareDatetime | None = Field(
        None, description="With its time zone; never, when left out."
    )


class KeyPage(Schema):
    model_config = example(items=[_KEY], next=None)

    items: list[KeyOut]
    next: str | None = Field(description="Send it as `after` for what follows.")
