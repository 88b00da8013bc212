"""How the shell shows this room, and what lives with the web process."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.chat import keeping
from atrium.chat.generation import desk
from atrium.web import lifespan, shell

RECENT = 6


def recent_chats(request: HttpRequest) -> Iterable[shell.Recent]:
    caller = request.caller  # type: ignore[attr-defined]
    if caller.is_nobody:
        return
    for chat in keeping.at_hand(caller, RECENT):
        yield shell.Recent(chat.title or _("New chat"), reverse("chat:chat", args=[chat.pk]))


shell.register_room(
    shell.Room(
        key="chat",
        title=gettext_lazy("Chat"),
        url_name="chat:chats",
        icon="chat",
        order=10,
        api="chats",
    )
)
shell.register_recent(recent_chats)
lifespan.register(desk.open, desk.close, name="chat.desk")
