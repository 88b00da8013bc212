from datetime import datetime
from uuid import UUID

from atrium.events.actions import tell
from atrium.events.registry import on
from atrium.files.events import FilePurged
from atrium.sources.actions import forget_file
from atrium.sources.events import DocumentFailed, DocumentRead
from atrium.sources.models import Document


@on(DocumentRead)
def show_it_is_read(event: DocumentRead, *, at: datetime) -> None:
    _tell_owner(event.document_id, at)


@on(DocumentFailed)
def show_it_failed(event: DocumentFailed, *, at: datetime) -> None:
    _tell_owner(event.document_id, at)


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
