"""Shared copies of chats, as their owners and whoever has a link see them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from atrium.chat.models import (
    Chat,
    Fork,
    SharedCopy,
    SharedCopyQuerySet,
    SharedFile,
    SharedTurn,
)
from atrium.files.parcels import Parcel, parcel_of
from atrium.kit.errors import Gone, NotFound
from atrium.kit.limits import LIMITS
from atrium.kit.secrets import CannotUnseal, unseal
from atrium.kit.tokens import digest, looks_right
from atrium.options.queries import value
from atrium.people.caller import Caller

KIND = "share"
SHARED_COPIES = "chat.shared_copies"


class NoSuchCopy(NotFound):
    code = "shared_copy_not_found"


class CopyIsGone(Gone):
    """It was there, and its owner, the time or a moderator ended it."""

    code = "shared_copy_gone"


class Stretch(NamedTuple):
    """Some of a shared copy, in order; ``next`` is the mark to ask for what follows."""

    turns: Sequence[SharedTurn]
    next: int | None


def may_be_shared() -> bool:
    """Whether the operator lets members share copies of chats."""
    return bool(value(SHARED_COPIES) != "off")


def may_be_listed() -> bool:
    """Whether there is a list of copies that everybody can read."""
    return bool(value(SHARED_COPIES) == "public")


def is_public(copy: SharedCopy) -> bool:
    """Whether strangers find it on the list, and machines may keep where it stands."""
    return copy.is_listed and may_be_listed()


def copy_of(chat: Chat) -> SharedCopy | None:
    """The copy of the chat that is shared, also one that expired or was hidden."""
    found: SharedCopy | None = SharedCopy.objects.unrevoked().filter(chat=chat).first()
    return found


def copies_by(caller: Caller) -> SharedCopyQuerySet:
    """What the caller shares, also what expired or was hidden."""
    mine: SharedCopyQuerySet = SharedCopy.objects.visible_to(caller).unrevoked()
    return mine.select_related("chat")


def listed(*, at: datetime) -> SharedCopyQuerySet:
    """What stands on the public list; nothing where there is none."""
    every: SharedCopyQuerySet = SharedCopy.objects.standing(at=at).filter(is_listed=True)
    return every if may_be_listed() else every.none()


def shared_with(token: str, *, at: datetime) -> SharedCopy:
    """The copy that this token opens.

    :raises NoSuchCopy: when the token was never one of ours
    :raises CopyIsGone: when what it opened has ended
    """
    known = looks_right(token, KIND) and may_be_shared()
    every = SharedCopy.objects.filter(digest=digest(token)) if known else SharedCopy.objects.none()
    found: SharedCopy | None = every.standing(at=at).first()
    if found:
        return found
    if every.exists():
        raise gone()
    raise NoSuchCopy(_("There is nothing here, or it is not yours to see."))


def gone() -> CopyIsGone:
    return CopyIsGone(_("This copy of a chat is not shared any more."))


def reported(reported_as: UUID, *, at: datetime) -> SharedCopy | None:
    """The copy that a report names, as long as its link opens it."""
    if not may_be_shared():
        return None
    every: SharedCopyQuerySet = SharedCopy.objects.standing(at=at)
    found: SharedCopy | None = every.filter(reported_as=reported_as).first()
    return found


def turns_in(copy: SharedCopy) -> Sequence[SharedTurn]:
    """All of it, but for answers that moderators hid in the chat."""
    return list(copy.turns.filter(turn__hidden_at=None))


def stretch_of(copy: SharedCopy, *, after: int = 0) -> Stretch:
    """Some of the copy, after the turn of a number.

    :raises CopyIsGone: when it ended this moment, or nothing of it is left
    """
    turns = copy.turns.filter(number__gt=after, turn__hidden_at=None)
    found = list(turns[: LIMITS.turns + 1])
    if not found and not after:
        raise gone()
    some = found[: LIMITS.turns]
    return Stretch(some, some[-1].number if len(found) > LIMITS.turns else None)


def files_of(copy: SharedCopy) -> Sequence[SharedFile]:
    """The files shared along that are still there."""
    files = copy.files.select_related("document__file")
    return [file for file in files if file.document.file.is_kept]


def parcel_in(copy: SharedCopy, number: int) -> Parcel:
    """The bytes of a file that was shared along, under the name that it had then.

    :raises NotFound: when it was not, or is gone
    """
    found = next((file for file in files_of(copy) if file.number == number), None)
    if found is None:
        raise NotFound(_("There is nothing here, or it is not yours to see."))
    return replace(parcel_of(found.document.file), name=found.title)


def path_to(copy: SharedCopy) -> str:
    """Where the copy stands in this house; nothing when no key of ours opens its token."""
    try:
        token = unseal(copy.sealed_token, copy.token_purpose)
    except CannotUnseal:
        return ""
    return reverse("chat:shared", args=[token])


def link_to(copy: SharedCopy) -> str:
    """The whole address of the copy, to be given away."""
    path = path_to(copy)
    return f"{settings.PUBLIC_ADDRESS}{path}" if path else ""


def fork_of(chat: Chat) -> Fork | None:
    """Where the chat comes from, when it began as a copy of a shared one."""
    return Fork.objects.filter(chat=chat).select_related("copy").first()
