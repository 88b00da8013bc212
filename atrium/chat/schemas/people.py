from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field, StrictBool

from atrium.chat.access import WhoPays
from atrium.chat.models import Collaborator
from atrium.kit.limits import LIMITS
from atrium.people.access import shown_name
from atrium.people.caller import Caller
from atrium.web.schemas import StrictSchema, example

Role = Literal["view", "edit"]
_COLLABORATOR = {
    "id": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a93",
    "asked_for": "bob",
    "name": "Bob",
    "role": "edit",
    "state": "joined",
    "added_by": "Alice",
    "added_at": "2026-11-21T12:00:00Z",
    "answered_at": "2026-11-21T12:05:00Z",
}
_INVITATION = {
    "id": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a93",
    "chat": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a90",
    "title": "Why do leaves look green?",
    "role": "view",
    "added_by": "Alice",
    "added_at": "2026-11-21T12:00:00Z",
}
_PAYING = {"who": "owner", "tokens": 200_000, "is_monthly": True, "used": 1_200}


class CollaboratorOut(Schema):
    """Somebody who takes part in a chat, or was asked to."""

    model_config = example(**_COLLABORATOR)

    id: UUID
    asked_for: str | None = Field(description="What the owner wrote; only the owner is told.")
    name: str | None = Field(description="Their name, once they take part.")
    role: Role
    state: str
    added_by: str | None
    added_at: datetime
    answered_at: datetime | None

    @classmethod
    def of(cls, one: Collaborator, *, for_owner: bool) -> "CollaboratorOut":
        return cls(
            id=one.pk,
            asked_for=one.asked_for if for_owner else None,
            name=shown_name(Caller(person=one.person)) if one.takes_part else None,
            role="edit" if one.may_edit else "view",
            state=one.state,
            added_by=_named(one),
            added_at=one.added_at,
            answered_at=one.answered_at,
        )


class PayingOut(Schema):
    """Who pays for what others ask in a chat."""

    model_config = example(**_PAYING)

    who: Literal["speaker", "owner"]
    tokens: int | None = Field(description="How many the owner pays for.")
    is_monthly: StrictBool = Field(description="Whether that is each month, or in all.")
    used: int | None = Field(description="How many of these are used or set aside.")

    @classmethod
    def of(cls, paying: WhoPays) -> "PayingOut":
        return cls(
            who="speaker" if paying.tokens is None else "owner",
            tokens=paying.tokens,
            is_monthly=paying.is_monthly,
            used=paying.used,
        )


class PeopleOut(Schema):
    """Who takes part in a chat beside its owner; the owner also sees who was asked."""

    model_config = example(owner="Alice", items=[_COLLABORATOR], pays=_PAYING)

    owner: str
    items: list[CollaboratorOut]
    pays: PayingOut


class InviteIn(StrictSchema):
    model_config = example(whom="bob", role="edit")

    whom: str = Field(
        min_length=1,
        max_length=254,
        description="A username, or a mail address that they confirmed.",
    )
    role: Role = "view"


class RoleIn(StrictSchema):
    model_config = example(role="view")

    role: Role


class PayingIn(StrictSchema):
    model_config = example(tokens=200_000, is_monthly=True)

    tokens: int | None = Field(
        None,
        ge=1,
        le=LIMITS.treat_tokens,
        description="How many tokens the owner pays for; null, and each pays what they ask.",
    )
    is_monthly: StrictBool = False


class InvitationIntoChat(Schema):
    """An invitation that you may answer."""

    model_config = example(**_INVITATION)

    id: UUID
    chat: UUID
    title: str
    role: Role
    added_by: str | None
    added_at: datetime

    @classmethod
    def of(cls, one: Collaborator) -> "InvitationIntoChat":
        return cls(
            id=one.pk,
            chat=one.chat_id,
            title=one.chat.title,
            role="edit" if one.may_edit else "view",
            added_by=_named(one),
            added_at=one.added_at,
        )


class InvitationsIntoChats(Schema):
    model_config = example(items=[_INVITATION])

    items: list[InvitationIntoChat]


def _named(one: Collaborator) -> str | None:
    return shown_name(Caller(person=one.added_by)) if one.added_by else None
