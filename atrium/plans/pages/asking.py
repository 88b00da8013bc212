"""Who asks a page of plans."""

from typing import cast

from django.http import HttpRequest

from atrium.people.caller import Caller
from atrium.people.models import User


def caller_in(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def me_in(request: HttpRequest) -> User:
    """Return the person who asks, where the policy lets in nobody else."""
    return cast(User, caller_in(request).person)
