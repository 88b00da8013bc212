"""What an answer is called on a statement, and where it stands."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.chat.actions.titles import TITLE
from atrium.chat.models import Chat, Turn
from atrium.ledger.telling import Told, tell_about
from atrium.metering.deeds import Deed, register
from atrium.people.caller import Caller


def _answers(turns: Collection[UUID], caller: Caller) -> Mapping[UUID, Told]:
    visible = Chat.objects.visible_to(caller).kept()
    found = Turn.objects.filter(pk__in=turns, chat__in=visible).select_related("chat")
    return {turn.pk: Told(title=_title(turn.chat), url=_where(turn)) for turn in found}


def _title(chat: Chat) -> str:
    if not chat.title:
        return _("Answer in a chat")
    return _("Answer in “{title}”").format(title=Truncator(chat.title).chars(60))


def _where(turn: Turn) -> str:
    return f"{reverse('chat:chat', args=[turn.chat_id])}#turn-{turn.pk}"


def _titles(chats: Collection[UUID], caller: Caller) -> Mapping[UUID, Told]:
    found = Chat.objects.visible_to(caller).kept().filter(pk__in=chats)
    return {
        chat.pk: Told(title=_("Title of a chat"), url=reverse("chat:chat", args=[chat.pk]))
        for chat in found
    }


tell_about("turn", _answers)
tell_about(TITLE, _titles)
register(
    Deed("chat.title", gettext_lazy("Title of a chat"), gettext_lazy("Chat"), about_kind=TITLE)
)
