from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from atrium.notifications.queries import unread_count
from atrium.people.caller import Caller
from atrium.web.shell import Badge, Room, register_room


def _unread(request: HttpRequest) -> int:
    caller: Caller | None = getattr(request, "caller", None)
    return unread_count(caller) if caller else 0


register_room(
    Room(
        key="notifications",
        title=_("Notifications"),
        url_name="notifications:room",
        icon="bell",
        order=90,
        who="member",
        badge=Badge(count=_unread, said=_("Unread"), kind="notification", field="unread"),
    )
)
