from datetime import datetime
from typing import Any, Literal, cast

from ninja import Schema
from pydantic import Field

from atrium.audit.models import AuditEntry
from atrium.people.history import doer_of, said_of
from atrium.people.models import User
from atrium.web.schemas import example

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
