"""The end of a guest's chat in which nothing was said for long: it can be read, and not gone on."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from atrium.chat.models import Chat
from atrium.kit.errors import Conflict
from atrium.options.queries import value


class ChatEnded(Conflict):
    """A guest's chat was silent for too long."""

    code = "chat_ended"


def has_ended(chat: Chat, *, at: datetime) -> bool:
    """Whether the chat is a guest's and has been silent for as long as operators allow.

    It goes on as soon as it is a member's: who signs in takes it along.
    """
    hours = int(value("chat.guest_idle_hours"))
    is_guests = chat.person_id is None
    return is_guests and hours > 0 and chat.touched_at < at - timedelta(hours=hours)


def check_open(*, chat: Chat, at: datetime) -> None:
    """:raises ChatEnded: when nothing can be asked in it any more"""
    if has_ended(chat, at=at):
        raise ChatEnded(
            _("This chat has ended, as nothing was said in it for long."),
            way_on=_("Begin a new chat, or sign in to go on with this one."),
        )
