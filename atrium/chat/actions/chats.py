from collections.abc import Iterable
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.chat import access
from atrium.chat.models import Attachment, Chat
from atrium.kit.errors import Unprocessable
from atrium.kit.ids import new_id
from atrium.kit.limits import LIMITS
from atrium.people.caller import Caller
from atrium.sources.models import Document


class TooManyFiles(Unprocessable):
    """The chat quotes as many as it may."""

    code = "too_many_files"


class TooManyPins(Unprocessable):
    """As many chats are pinned as may be."""

    code = "too_many_pins"


@transaction.atomic
def start_chat(*, by: Caller, key: str = "", at: datetime) -> Chat:
    """Open a chat; with a ``key`` one and the same, however often and fast this caller asks."""
    named = uuid5(NAMESPACE_URL, f"{by.audience}/chats/{key}") if key else new_id()
    made = {**by.as_owner(), "made_at": at, "touched_at": at}
    chat, _is_new = Chat.objects.get_or_create(pk=named, defaults=made)
    return chat


@transaction.atomic
def attach(*, chat: Chat, documents: Iterable[Document], at: datetime) -> None:
    """Let the chat's answers quote these documents; one attached already stays once.

    :raises TooManyFiles: when they are more than one chat may quote
    """
    Attachment.objects.bulk_create(
        [Attachment(chat=chat, document=document, added_at=at) for document in documents],
        ignore_conflicts=True,
    )
    if chat.attachments.count() > LIMITS.files_per_chat:
        raise TooManyFiles(
            _("A chat quotes at most %(limit)d files.") % {"limit": LIMITS.files_per_chat},
            limit=LIMITS.files_per_chat,
            way_on=_("Begin a new chat for these."),
        )


@transaction.atomic
def rename_chat(*, chat: Chat, title: str, at: datetime) -> Chat:
    """Give the chat a name that nothing changes by itself any more."""
    title = " ".join(title.split())[:200]
    if not title:
        raise Unprocessable(_("A title needs at least one letter."), fields={"title": _("Empty.")})
    Chat.objects.filter(pk=chat.pk).update(title=title, renamed_at=at)
    chat.refresh_from_db()
    access.tell_everybody(chat, "chat.titled", {"title": title}, at=at)
    return chat


@transaction.atomic
def pin_chat(*, chat: Chat, by: Caller, at: datetime) -> bool:
    """Keep the chat above the others; one pinned already stays where it is.

    :raises TooManyPins: when as many are pinned as may be
    """
    mine = Chat.objects.of(by).kept()
    if not Chat.objects.filter(pk=chat.pk, pinned_at=None).update(pinned_at=at):
        return False
    most = LIMITS.pinned_chats
    if mine.exclude(pinned_at=None).count() > most:
        raise TooManyPins(
            _("You have pinned %(limit)d chats already.") % {"limit": most},
            limit=most,
            way_on=_("Unpin one first."),
        )
    return True


def unpin_chat(*, chat: Chat) -> bool:
    """Let the chat stand among the others again."""
    return bool(Chat.objects.filter(pk=chat.pk).exclude(pinned_at=None).update(pinned_at=None))
