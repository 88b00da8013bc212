from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from atrium.audit.models import AuditEntry
from atrium.people.history import doer_of, said_of
from atrium.people.models import ApiKey, Session, User
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


class SessionOut(Schema):
    """A browser in which the person is signed in."""

    model_config = example(
        id="01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a91",
        agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0",
        made_at="2026-11-20T08:00:00Z",
        seen_at="2026-11-21T12:00:00Z",
        expires_at="2026-12-05T12:00:00Z",
        is_this_one=True,
    )

    id: UUID
    agent: str
    made_at: datetime
    seen_at: datetime
    expires_at: datetime
    is_this_one: bool

    @classmethod
    def of(cls, session: Session, *, this_one: str) -> "SessionOut":
        named = ("id", "agent", "made_at", "seen_at", "expires_at")
        fields = {name: getattr(session, name) for name in named}
        return cls(**fields, is_this_one=session.key_hash == this_one)


class SessionList(Schema):
    model_config = example(items=[SessionOut.model_config["json_schema_extra"]["examples"][0]])  # type: ignore[index]

    items: list[SessionOut]


_DONE = {
    "number": 4711,
    "at": "2026-11-21T12:00:00Z",
    "action": "person.role_given",
    "said": "The role was changed: User → Administrator.",
    "by": "staff",
}


class DoneOut(Schema):
    """Something that was done to your account."""

    model_config = example(**_DONE)

    number: int
    at: datetime
    action: str
    said: str = Field(description="The same in your language.")
    by: Literal["you", "staff", "operator", "house"]

    @classmethod
    def of(cls, entry: AuditEntry, person: User) -> "DoneOut":
        return cls(
            number=entry.number,
            at=entry.at,
            action=entry.action,
            said=said_of(entry),
            by=cast(Any, doer_of(entry, person)),
        )


class DonePage(Schema):
    model_config = example(items=[_DONE], next=None)

    items: list[DoneOut]
    next: str | None = Field(description="Send it as `after` for what follows.")
