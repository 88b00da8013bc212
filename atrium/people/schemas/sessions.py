from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from atrium.people.models import Session, TokenFamily
from atrium.web.schemas import example


class SessionOut(Schema):
    """A browser or an app in which the person is signed in."""

    model_config = example(
        id="01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a91",
        kind="browser",
        agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0",
        place="203.0.113.0/24",
        made_at="2026-11-20T08:00:00Z",
        seen_at="2026-11-21T12:00:00Z",
        expires_at="2026-12-05T12:00:00Z",
        is_this_one=True,
    )

    id: UUID
    kind: Literal["browser", "app"]
    agent: str
    place: str = Field(description="The network from which it signed in; no address is kept.")
    made_at: datetime
    seen_at: datetime
    expires_at: datetime
    is_this_one: bool

    @classmethod
    def of(cls, session: Session, *, this_one: str) -> "SessionOut":
        is_this_one = session.key_hash == this_one
        return cls(kind="browser", **_told(session), is_this_one=is_this_one)

    @classmethod
    def of_app(cls, family: TokenFamily, *, this_one: TokenFamily | None) -> "SessionOut":
        return cls(kind="app", **_told(family), is_this_one=family == this_one)


def _told(row: Session | TokenFamily) -> dict[str, Any]:
    named = ("id", "agent", "place", "made_at", "seen_at", "expires_at")
    return {name: getattr(row, name) for name in named}


class SessionList(Schema):
    model_config = example(items=[SessionOut.model_config["json_schema_extra"]["examples"][0]])  # type: ignore[index]

    items: list[SessionOut]
