from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from atrium.kit.limits import LIMITS
from atrium.people.access_tokens import WORKS_FOR
from atrium.people.actions import Tokens
from atrium.web.schemas import StrictSchema, example

_SECONDS = int(WORKS_FOR.total_seconds())


class SignInIn(StrictSchema):
    model_config = example(username="alice", password="correct horse battery")  # noqa: S106

    username: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=LIMITS.password_characters)


class RefreshIn(StrictSchema):
    model_config = example(refresh_token="atr_refresh_a1B2…")  # noqa: S106

    refresh_token: str = Field(min_length=1, max_length=200)


class TokensOut(Schema):
    """What an app shows with each call, and what it gets the next with."""

    model_config = example(
        access_token="eyJhbGciOiJIUzI1NiIsImtpZCI6…",  # noqa: S106
        token_type="Bearer",  # noqa: S106
        expires_in=_SECONDS,
        refresh_token="atr_refresh_a1B2…",  # noqa: S106
        refresh_expires_at="2026-11-28T12:00:00Z",
        session_id="01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a92",
    )

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="In how many seconds the access token ends.")
    refresh_token: str = Field(description="Works once. Used again later, it signs the app out.")
    refresh_expires_at: datetime
    session_id: UUID = Field(description="The name of this app among your `/sessions`.")

    @classmethod
    def of(cls, tokens: Tokens) -> "TokensOut":
        return cls(
            access_token=tokens.access,
            token_type="Bearer",  # noqa: S106
            expires_in=_SECONDS,
            refresh_token=tokens.refresh,
            refresh_expires_at=tokens.refresh_expires_at,
            session_id=tokens.family.pk,
        )
