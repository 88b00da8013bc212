from django.utils.translation import gettext_lazy as _

from atrium.web.shell import Room, register_room

register_room(
    Room(
        key="notifications",
        title=_("Notifications"),
        url_name="notifications:room",
        icon="bell",
        order=90,
        who="member",
    )
)
