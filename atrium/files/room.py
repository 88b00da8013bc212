from django.utils.translation import gettext_lazy as _

from atrium.web.shell import Room, register_room

register_room(
    Room(
        key="files",
        title=_("Files"),
        url_name="files:room",
        icon="folder",
        order=50,
        who="somebody",
    )
)
