from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.notifications.models import Channel
from atrium.notifications.registry import NotificationKind, register

_BOTH = frozenset({Channel.IN_APP, Channel.MAIL})
_HERE = frozenset({Channel.IN_APP})


def _measure(said: Mapping[str, Any]) -> str:
    words = {
        "hide": _("It was hidden."),
        "warn": _("This is a warning."),
        "suspend": _("Your account is suspended."),
    }
    return words.get(said["measure"], "")


def _outcome(said: Mapping[str, Any]) -> str:
    if said["outcome"] == "upheld":
        return _("You were right: something was done about it.")
    return " ".join(filter(None, (_("It may stay."), said.get("statement", ""))))


def _appeal(said: Mapping[str, Any]) -> str:
    undone = said["outcome"] == "overturned"
    first = _("The decision is undone.") if undone else _("The decision stands.")
    return f"{first} {said['statement']}"


register(
    NotificationKind(
        key="moderation.decided",
        description=gettext_lazy("The moderators decided something about you"),
        title=lambda said: _("A decision about “{title}”").format(title=said["title"]),
        body=lambda said: " ".join(
            filter(
                None,
                (_measure(said), said["statement"], _("You may appeal on the page of blocks.")),
            )
        ),
        channels=_BOTH,
        always=_BOTH,
        icon="flag",
        even_suspended=True,
    ),
    NotificationKind(
        key="moderation.answered",
        description=gettext_lazy("What you reported was decided"),
        title=lambda said: _("Your report about “{title}” was decided").format(title=said["title"]),
        body=_outcome,
        channels=_HERE,
        icon="flag",
    ),
    NotificationKind(
        key="moderation.appeal_answered",
        description=gettext_lazy("Your appeal was decided"),
        title=lambda said: _("Your appeal about “{title}” was decided").format(title=said["title"]),
        body=_appeal,
        channels=_BOTH,
        always=_BOTH,
        icon="flag",
        even_suspended=True,
    ),
    NotificationKind(
        key="moderation.opened",
        description=gettext_lazy("A moderator looked at something private of yours"),
        title=lambda said: _("A moderator looked around “{title}”").format(title=said["title"]),
        body=lambda said: _("The reason given: {reason}").format(reason=said["reason"]),
        channels=_BOTH,
        always=_HERE,
        icon="eye",
        even_suspended=True,
    ),
)
