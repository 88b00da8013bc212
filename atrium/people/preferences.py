"""The language and theme that a signed-in person chooses in the shell are theirs everywhere."""

from typing import cast

from django.http import HttpRequest

from atrium.kit import clock
from atrium.people import actions
from atrium.people.caller import Caller


def keep(request: HttpRequest, chosen: dict[str, str]) -> None:
    """Save what somebody chose in the shell, if they are a person; guests have their cookies."""
    person = cast(Caller, request.caller).person  # type: ignore[attr-defined]
    if person:
        actions.change_profile(person=person, at=clock.now(), **chosen)
