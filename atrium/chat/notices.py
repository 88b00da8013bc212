from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.notifications.models import Channel
from atrium.notifications.registry import NotificationKind, register

_BOTH = frozenset({Channel.IN_APP, Channel.MAIL})
_HERE = frozenset({Channel.IN_APP})


def _title(said: Mapping[str, Any]) -> str:
    return said["title"] or _("New chat")


register(
    NotificationKind(
        key="chat.invited",
        description=gettext_lazy("Somebody invites you into a chat"),
        title=lambda said: _("{name} invites you into a chat").format(name=said["by"]),
        body=lambda said: _("It is called “{title}”.").format(title=_title(said)),
        channels=_BOTH,
        icon="chat",
    ),
    NotificationKind(
        key="chat.accepted",
        description=gettext_lazy("Somebody whom you invited takes part in a chat"),
        title=lambda said: _("{name} takes part now").format(name=said["by"]),
        body=lambda said: _("In your chat “{title}”.").format(title=_title(said)),
        channels=_HERE,
        icon="chat",
    ),
    NotificationKind(
        key="chat.removed",
        description=gettext_lazy("You take no part in a chat any more"),
        title=lambda said: _("You take no part in “{title}” any more").format(title=_title(said)),
        body=lambda said: _("{name} ended that.").format(name=said["by"]),
        channels=_HERE,
        icon="chat",
    ),
)
