"""What of chats comes along with a claim, and what stays with who went on with it."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import ngettext

from atrium.chat.generation import MOVED
from atrium.chat.models import (
    AskedPicture,
    Attachment,
    Chat,
    Collaborator,
    Folder,
    SharedCopy,
    Turn,
)
from atrium.files.models import File
from atrium.kit.bell import ring
from atrium.metering.models import Receipt
from atrium.people.comes_along import Identities, accompany, keep, tell_of
from atrium.people.models import Claim
from atrium.sources.models import Document


def _words(count: int) -> str:
    return ngettext("{count} chat", "{count} chats", count).format(count=count)


def _gone_on_with(person_id: UUID) -> Identities:
    """Chats in which the person has said something since: what they said goes to no guest."""
    return Turn.objects.filter(person=person_id, guest=None).values("chat")


def _shared_by(person_id: UUID) -> Identities:
    """Chats into which the person asked others: those stay with somebody who can remove them."""
    return Collaborator.objects.filter(chat__person=person_id).values("chat")


def _linked_by(person_id: UUID) -> Identities:
    """Chats of which the person gave a link away: who has it must not read a guest's."""
    return SharedCopy.objects.filter(person=person_id).values("chat")


def _with_their_chats(person_id: UUID) -> Identities:
    """Folders of the guest into which the person has put chats of their own."""
    return Chat.objects.filter(person=person_id, guest=None, folder__isnull=False).values("folder")


def _said_in_theirs(person_id: UUID) -> Identities:
    return Turn.objects.filter(chat__person=person_id).values("pk")


def _paid_in_theirs(person_id: UUID) -> Identities:
    turns = Turn.objects.filter(chat__person=person_id, receipt__isnull=False)
    return turns.values("receipt")


def _quoted_in_theirs(person_id: UUID) -> Identities:
    return Attachment.objects.filter(chat__person=person_id).values("document")


class Answers:
    """Sends what is being written just now to whom it belongs by now, in whichever process."""

    def come(self, claim: Claim, *, at: datetime, late: bool) -> None:
        ring(MOVED)

    def go_back(self, claim: Claim, *, at: datetime) -> None:
        ring(MOVED)


class Shelves:
    """Keeps a chat out of a folder that is somebody else's since an undo."""

    def come(self, claim: Claim, *, at: datetime, late: bool) -> None:
        """Chats and folders come along together."""

    def go_back(self, claim: Claim, *, at: datetime) -> None:
        back = Chat.objects.filter(guest=claim.guest_id, person=None, folder__person__isnull=False)
        kept = Chat.objects.filter(person=claim.person_id, folder__person=None)
        for parted in (back, kept):
            parted.exclude(folder=None).update(folder=None)


def _seen_in_theirs(person_id: UUID) -> Identities:
    return AskedPicture.objects.filter(turn__chat__person=person_id).values("file")


accompany(Answers())
accompany(Shelves())
tell_of(Chat, _words, shown=Q(deleted_at=None))
keep(Chat, _gone_on_with)
keep(Chat, _shared_by)
keep(Chat, _linked_by)
keep(Folder, _with_their_chats)
keep(Turn, _said_in_theirs)
keep(Receipt, _paid_in_theirs)
keep(Document, _quoted_in_theirs)
keep(File, _seen_in_theirs)
