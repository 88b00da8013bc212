"""Where the chats of somebody are kept: in a folder, above the others, in the trash."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q

from atrium.chat.models import Chat, ChatQuerySet, Folder
from atrium.kit.limits import LIMITS
from atrium.people.caller import Caller
from atrium.people.models import OwnedQuerySet

KEPT_IN_TRASH = timedelta(days=30)


def chats_in(caller: Caller, folder: Folder | None) -> ChatQuerySet:
    """The caller's chats that are not in the trash: all, or those of one folder of theirs."""
    mine: ChatQuerySet = Chat.objects.of(caller).kept().select_related("folder")
    return mine.filter(folder=folder) if folder else mine


def pinned_of(chats: ChatQuerySet) -> list[Chat]:
    """Those of the chats that are pinned, the last pinned first."""
    pinned = chats.exclude(pinned_at=None).order_by("-pinned_at", "-id")
    return list(pinned[: LIMITS.pinned_chats])


def at_hand(caller: Caller, number: int) -> list[Chat]:
    """The chats that the caller is likely to want next: pinned ones, then the latest of all that
    they own or take part in."""
    mine: ChatQuerySet = Chat.objects.of(caller).kept()
    own = mine.order_by(F("pinned_at").desc(nulls_last=True), "-touched_at", "-id")[:number]
    pinned: list[Chat] = []
    latest = list(Chat.objects.shared_with(caller).newest_first()[:number])
    for chat in own:
        (pinned if chat.pinned_at else latest).append(chat)
    return [*pinned, *sorted(latest, key=lambda chat: chat.touched_at, reverse=True)][:number]


def folders_of(caller: Caller) -> OwnedQuerySet:
    """The caller's folders by name, each with the ``count`` of its chats."""
    kept = Q(chats__deleted_at=None)
    mine: OwnedQuerySet = Folder.objects.of(caller).annotate(count=Count("chats", filter=kept))
    return mine.order_by("title", "id")


def folder_of(caller: Caller, folder_id: Any) -> Folder | None:
    found: Folder | None = folders_of(caller).filter(pk=folder_id).first()
    return found


def trash_of(caller: Caller, *, at: datetime) -> ChatQuerySet:
    """What lies in the caller's trash and can still be restored."""
    mine: ChatQuerySet = Chat.objects.of(caller)
    return mine.filter(deleted_at__gte=at - KEPT_IN_TRASH)


def days_left(chat: Chat, *, at: datetime) -> int:
    """How many days a chat can still be restored, begun ones counted."""
    assert chat.deleted_at is not None, "it lies in the trash"
    return max(0, (chat.deleted_at + KEPT_IN_TRASH - at).days + 1)


def instructions_for(chat: Chat) -> str:
    """What the folder of the chat says to each model that is asked in it."""
    return chat.shelf.instructions if chat.shelf else ""
