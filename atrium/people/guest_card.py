"""What the rail tells a guest: for how long what they make is kept, and how to keep it."""

from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from atrium.people.caller import Caller
from atrium.people.queries import guests_are_kept_for


def card(request: HttpRequest) -> dict[str, Any] | None:
    if cast(Caller, request.caller).guest is None:  # type: ignore[attr-defined]
        return None
    days = guests_are_kept_for()
    note = (
        ngettext(
            "What you make is kept for {days} day.", "What you make is kept for {days} days.", days
        ).format(days=days)
        if days
        else _("Sign up to keep it in every browser.")
    )
    return {
        "label": _("You are a guest"),
        "note": note,
        "action": _("Keep it"),
        "url": "/privacy/here",
    }
