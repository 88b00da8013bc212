from datetime import datetime
from uuid import UUID

from ninja import Schema

from atrium.people.models import Session
from atrium.web.schemas import example


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
