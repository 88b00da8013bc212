"""What the rail says of the window: how full it is, and when all of it is there again."""

from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.ledger.amounts import shown
from atrium.ledger.queries import balance_of
from atrium.metering.queries import window_of
from atrium.metering.window import WindowState
from atrium.people.caller import Caller
from atrium.web import shell
from atrium.web.shell import register_meter

WARNS, WARNS_LOUDLY = 80, 95


def meter(request: HttpRequest) -> dict[str, Any] | None:
    """Tell a member always, and a guest as soon as little is left."""
    caller = cast(Caller, request.caller)  # type: ignore[attr-defined]
    if caller.is_nobody:
        return None
    window = window_of(caller, clock.now())
    if not caller.is_member and window.percent < WARNS:
        return None
    card = {
        "label": _("Tokens"),
        "label_url": "/usage",
        "used": window.used,
        "of": 0 if window.is_unlimited else window.limit,
        "kind": "danger" if window.percent >= WARNS_LOUDLY else "",
        "said": _used(window),
        "note": said_of(window),
    }
    if caller.is_member and shell.room_is_open("wallet"):
        mine = shown(balance_of(caller.audience))
        card |= {"value": _("%(credits)s credits") % {"credits": mine}, "url": "/wallet"}
    return card


def _used(window: WindowState) -> str:
    if window.is_unlimited:
        return number_format(window.used, force_grouping=True)
    return _("%(percent)s %%") % {"percent": window.percent}


def said_of(window: WindowState) -> str:
    """Return when the window is over, and a warning when little of it is left."""
    if window.resets_at is None:
        return _("6 hours from the first one") if not window.is_unlimited else ""
    told = {"time": date_format(timezone.localtime(window.resets_at), "TIME_FORMAT")}
    if window.percent >= WARNS_LOUDLY:
        return _("Almost all used. New at %(time)s") % told
    if window.percent >= WARNS:
        return _("Little is left. New at %(time)s") % told
    return _("New at %(time)s") % told


register_meter(meter, order=10)
