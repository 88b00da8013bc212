from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from atrium.events.registry import record
from atrium.files.models import File
from atrium.files.sizes import amount
from atrium.jobs.actions import enqueue
from atrium.jobs.models import Job
from atrium.kit.errors import TooLarge, UnsupportedKind
from atrium.people.caller import Caller
from atrium.sources.events import DocumentFailed, DocumentRead
from atrium.sources.models import Document, Passage
from atrium.sources.reading import largest_to_read, readable_endings, reader_for

_ENDINGS_SAID = 6


class CannotRead(UnsupportedKind):
    """Nothing here turns this kind of file into text."""

    code = "cannot_read"


class TooLargeToRead(TooLarge):
    """The file is kept, and has more text than is read."""

    code = "too_large_to_read"


@transaction.atomic
def add_document(*, by: Caller, file: File, at: datetime) -> Document:
    """Have ``file`` read in the background, so that answers may quote it; once a file.

    :raises CannotRead: for a kind of file that has no text for us
    :raises TooLargeToRead: for more of it than we read
    """
    known = Document.objects.of(by).filter(file=file).exclude(state=Document.State.FAILED).first()
    if known:
        return known  # type: ignore[no-any-return]
    if reader_for(file.kind) is None:
        raise CannotRead(
            _("There is no reader for this kind of file (%(kind)s).") % {"kind": file.kind},
            way_on=_("Files can be read that end in %(endings)s.")
            % {"endings": ", ".join(readable_endings()[:_ENDINGS_SAID])},
        )
    if file.size > (most := largest_to_read(file.kind)):
        raise TooLargeToRead(
            _("“%(name)s” has %(size)s; files of this kind are read up to %(most)s.")
            % {"name": file.name, "size": amount(file.size), "most": amount(most)},
            limit=most,
            used=file.size,
            way_on=_("Cut it into smaller files."),
        )
    document = Document.objects.create(**by.as_owner(), file=file, title=file.name, made_at=at)
    enqueue(
        "sources.read",
        owner=by.audience,
        about=("document", document.pk),
        key=f"read:{document.pk}",
        at=at,
        document_id=document.pk,
        language=get_language() or "",
    )
    return document


def begin_reading(*, document: Document) -> bool:
    """Mark it as being read; False when it was read already."""
    unread = Document.objects.being_read().filter(pk=document.pk)
    return bool(unread.update(state=Document.State.READING))


@transaction.atomic
def finish_reading(
    *, document: Document, passages: Sequence[dict[str, Any]], characters: int, at: datetime
) -> bool:
    """Keep the passages and announce that they can be quoted; False when it was read already."""
    unread = Document.objects.being_read().filter(pk=document.pk)
    if not unread.update(state=Document.State.READY, characters=characters, read_at=at):
        return False
    Passage.objects.bulk_create(
        (
            Passage(document=document, number=number, **passage)
            for number, passage in enumerate(passages, start=1)
        ),
        batch_size=500,
    )
    record(DocumentRead(document_id=document.pk), at=at)
    return True


@transaction.atomic
def fail_reading(*, document: Document, failure: str, at: datetime) -> bool:
    """Mark the document as unreadable, with a sentence that says why."""
    unread = Document.objects.being_read().filter(pk=document.pk)
    if not unread.update(state=Document.State.FAILED, failure=failure[:300]):
        return False
    record(DocumentFailed(document_id=document.pk), at=at)
    return True


@transaction.atomic
def read_again(*, document: Document, at: datetime) -> Job | None:
    """Try once more to read a document that could not be read."""
    failed = Document.objects.filter(pk=document.pk, state=Document.State.FAILED)
    if not failed.update(state=Document.State.WAITING, failure=""):
        return None
    return enqueue(
        "sources.read",
        owner=document.audience,
        about=("document", document.pk),
        at=at,
        document_id=document.pk,
        language=get_language() or "",
    )


@transaction.atomic
def forget_file(*, file_id: UUID) -> int:
    """Remove what was read of a file that is gone for good; return how many documents.

    What answers quoted of it stays with them.
    """
    documents = Document.objects.filter(file_id=file_id)
    count = documents.count()
    documents.delete()
    return count
