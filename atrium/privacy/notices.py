"""What people are told about copies of their data and about its end."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.notifications.models import Channel
from atrium.notifications.registry import NotificationKind, register

_BOTH = frozenset({Channel.IN_APP, Channel.MAIL})


def _day(said: Any) -> str:
    return date_format(timezone.localtime(datetime.fromisoformat(said)))


register(
    NotificationKind(
        key="privacy.export_ready",
        description=gettext_lazy("The copy of your data that you asked for is ready"),
        title=lambda said: _("The copy of your data is ready"),
        body=lambda said: _("You can download it until {day}.").format(day=_day(said["until"])),
        channels=_BOTH,
        even_suspended=True,
        icon="download",
    ),
    NotificationKind(
        key="privacy.glass_broken",
        description=gettext_lazy("Staff made a copy of your data, with a reason"),
        title=lambda said: _("A copy of your data was made by staff"),
        body=lambda said: _("The reason they gave: {reason}").format(reason=said["reason"]),
        channels=_BOTH,
        always=_BOTH,
        icon="warning",
    ),
    NotificationKind(
        key="privacy.erasure_asked",
        description=gettext_lazy("Your account is going to be erased"),
        title=lambda said: _("Your account will be erased on {day}").format(day=_day(said["due"])),
        body=lambda said: " ".join(
            filter(
                None,
                (
                    _("The reason they gave: {reason}").format(reason=said["reason"])
                    if said.get("reason")
                    else "",
                    _("Until then you can sign in and keep it. If this was not you, do that now."),
                ),
            )
        ),
        channels=_BOTH,
        always=_BOTH,
        icon="warning",
    ),
    NotificationKind(
        key="privacy.erasure_called_off",
        description=gettext_lazy("Your account stays after all"),
        title=lambda said: _("Your account stays"),
        body=lambda said: _("It is not going to be erased any more."),
        channels=_BOTH,
        icon="check",
    ),
)
