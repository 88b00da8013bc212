"""Who asks an operation of the API, and which page of a list they ask for."""

from typing import Annotated, cast

from django.http import HttpRequest
from ninja import Query

from atrium.kit.limits import LIMITS
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.people.session_store import hash_of

After = Annotated[
    str | None,
    Query(None, max_length=LIMITS.cursor_characters, description="The `next` of the page before."),
]
Size = Annotated[int, Query(LIMITS.page_items, ge=1, le=LIMITS.page_items_most)]


def caller_in(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def me_in(request: HttpRequest) -> User:
    """Return the person who asks, where the policy lets in nobody else."""
    return cast(User, caller_in(request).person)


def session_hash_in(request: HttpRequest) -> str:
    """Return which browser asks; nothing when it is a program."""
    key = "" if caller_in(request).is_program else request.session.session_key
    return hash_of(key) if key else ""
