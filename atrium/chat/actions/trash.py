"""Putting chats away: 30 days in the trash, then for good, with the files that nothing else uses.

How long something lies there is counted from ``deleted_at``; emptying the trash ends that time.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import ForeignObjectRel

from atrium.chat import access
from atrium.chat.keeping import KEPT_IN_TRASH
from atrium.chat.models import AskedPicture, Attachment, Chat
from atrium.events.actions import tell_all
from atrium.files.actions import delete_file, purge_file
from atrium.files.models import File, Picture, Upload
from atrium.jobs.actions import enqueue
from atrium.kit.bell import ring
from atrium.people.caller import Caller
from atrium.sources.models import Document

PURGED_AT_ONCE = 200
# Rows that hang on a file and are no reason to keep it.
_PARTS_OF_A_FILE = (Picture, Upload)


@transaction.atomic
def delete_chat(*, chat: Chat, at: datetime) -> bool:
    """Put the chat into the trash for 30 days; it is pinned no more, and others lose it at once."""
    kept = Chat.objects.filter(pk=chat.pk, deleted_at=None)
    if not kept.update(deleted_at=at, pinned_at=None):
        return False
    if len(others := access.audiences_in(chat)) > 1:
        tell_all(others, "chat.people", {"chat": str(chat.pk)}, at=at)
        ring(access.MOVED)
    return True


def restore_chat(*, chat: Chat) -> bool:
    """Take the chat out of the trash."""
    return bool(Chat.objects.filter(pk=chat.pk).exclude(deleted_at=None).update(deleted_at=None))


@transaction.atomic
def purge_chat(*, chat: Chat, at: datetime) -> bool:
    """Remove a chat of the trash for good, with files that nothing else uses; its receipts stay.

    Return whether it was we who did it: one that was restored this moment stays.
    """
    # The row is written first, so that a restore waits for us, or we find it restored.
    gone = Chat.objects.filter(pk=chat.pk).exclude(deleted_at=None)
    if not gone.update(touched_at=at):
        return False
    files = _only_used_by(chat)
    gone.delete()
    for file in files:
        _purge(file, at=at)
    return True


@transaction.atomic
def empty_trash(*, by: Caller, at: datetime) -> int:
    """End the time of all that lies in the caller's trash; a job removes it. Return how many."""
    in_trash = Chat.objects.of(by).filter(deleted_at__gte=at - KEPT_IN_TRASH)
    count: int = in_trash.update(deleted_at=at - KEPT_IN_TRASH - timedelta(seconds=1))
    if count:
        enqueue("chat.purge_chats", at=at)
    return count


def purge_chats(*, at: datetime) -> int:
    """Remove some of the chats that lay in the trash for its whole time; return how many."""
    old = Chat.objects.filter(deleted_at__lt=at - KEPT_IN_TRASH).order_by("deleted_at")
    return sum(purge_chat(chat=chat, at=at) for chat in old[:PURGED_AT_ONCE])


def _only_used_by(chat: Chat) -> list[File]:
    """Return the files of the chat's owner that came to this chat and are used nowhere else."""
    owner = Caller(person=chat.person, guest=chat.guest)
    documents = Document.objects.of(owner).filter(pk__in=chat.attachments.values("document"))
    elsewhere = Attachment.objects.exclude(chat=chat).values("document")
    own = documents.filter(collection=None).exclude(pk__in=elsewhere)
    chosen = list(own.values_list("pk", "file"))
    ours = [document for document, _file in chosen]
    named = {file for _document, file in chosen}
    named |= set(AskedPicture.objects.filter(turn__chat=chat).values_list("file", flat=True))
    files = File.objects.of(owner).with_bytes().filter(pk__in=named)
    return [file for file in files if not _is_used(file, but_by=ours, in_chat=chat)]


def _is_used(file: File, *, but_by: Iterable[UUID], in_chat: Chat) -> bool:
    """Whether a row of any table names the file, those documents, the pictures of the chat and its
    own parts aside."""
    for link in File._meta.get_fields(include_hidden=True):  # noqa: SLF001
        if not isinstance(link, ForeignObjectRel) or link.related_model in _PARTS_OF_A_FILE:
            continue
        assert isinstance(link.related_model, type)
        rows = link.related_model._default_manager.filter(**{link.field.name: file})  # noqa: SLF001
        if link.related_model is Document:
            rows = rows.exclude(pk__in=but_by)
        if link.related_model is AskedPicture:
            rows = rows.exclude(turn__chat=in_chat)
        if rows.exists():
            return True
    return False


def _purge(file: File, *, at: datetime) -> None:
    owner = Caller(person=file.person, guest=file.guest)
    delete_file(file=file, by=owner, at=at)
    purge_file(file=file, at=at)
