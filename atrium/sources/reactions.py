from datetime import datetime
from uuid import UUID

from atrium.events.actions import tell
from atrium.events.registry import on
from atrium.files.events import FilePurged
from atrium.metering.actions import log_use
from atrium.sources.actions import forget_file
from atrium.sources.events import DocumentFailed, DocumentRead
from atrium.sources.models import Document


@on(DocumentRead)
def show_it_is_read(event: DocumentRead, *, at: datetime) -> None:
    _tell_owner(event.document_id, at)


@on(DocumentRead)
def log_it_was_read(event: DocumentRead, *, at: datetime) -> None:
    _log(event.document_id, success=True, at=at)


@on(DocumentFailed)
def show_it_failed(event: DocumentFailed, *, at: datetime) -> None:
    _tell_owner(event.document_id, at)


@on(DocumentFailed)
def log_it_failed(event: DocumentFailed, *, at: datetime) -> None:
    _log(event.document_id, success=False, at=at)


@on(FilePurged)
def forget_what_was_read(event: FilePurged, *, at: datetime) -> None:
    """Whoever removes a file for good means its text too."""
    forget_file(file_id=event.file_id)


def _tell_owner(document_id: UUID, at: datetime) -> None:
    document = Document.objects.filter(pk=document_id).first()
    if document is None:
        return
    payload = {
        "document": str(document.pk),
        "state": document.state,
        "title": document.title,
        "failure": document.failure,
    }
    tell(document.audience, "document.read", payload, at=at)


def _log(document_id: UUID, *, success: bool, at: datetime) -> None:
    document = Document.objects.filter(pk=document_id).first()
    if document is None:
        return
    log_use(
        owner={"person_id": document.person_id, "guest_id": document.guest_id},
        action="sources.read",
        about=("document", document.pk),
        success=success,
        at=at,
    )
