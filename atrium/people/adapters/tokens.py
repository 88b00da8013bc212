"""What allauth's flows give an app that signed in: our own tokens, over our own rows."""

from typing import Any, cast

from allauth.headless.tokens.strategies.base import AbstractTokenStrategy
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from atrium.kit import clock
from atrium.people import access_tokens, actions
from atrium.people.actions import RefreshRefused
from atrium.people.models import User
from atrium.people.session_store import SessionStore, hash_of
from atrium.web.address import address_of, region


class TokenStrategy(AbstractTokenStrategy):
    """A session token for the flows themselves, kept as a hash, and tokens of a family for the API.

    The session and the family end together, whichever is signed out.
    """

    def create_session_token(self, request: HttpRequest) -> str:
        if not request.session.session_key:
            request.session.save()
        return str(request.session.session_key)

    def lookup_session(self, session_token: str) -> SessionBase | None:
        session = SessionStore(session_token)
        session.get(SESSION_KEY)  # looks the row up; a key that opens nothing is forgotten
        return session if session.session_key else None

    def create_access_token_payload(self, request: HttpRequest) -> dict[str, Any] | None:
        made = actions.open_family(
            person=cast(User, request.user),
            agent=request.headers.get("User-Agent", ""),
            place=region(address_of(request)),
            session_hash=hash_of(self.create_session_token(request)),
            at=clock.now(),
        )
        return {
            "access_token": made.access,
            "refresh_token": made.refresh,
            "expires_in": int(access_tokens.WORKS_FOR.total_seconds()),
        }

    def refresh_token(self, refresh_token: str) -> tuple[str, str] | None:
        try:
            made = actions.refresh(token=refresh_token, at=clock.now())
        except RefreshRefused:
            return None
        return made.access, made.refresh
