import signal
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.translation import override

from atrium.files.storage import path_of
from atrium.jobs.models import Job
from atrium.jobs.registry import job, on_dead
from atrium.jobs.run import Run
from atrium.kit import child, clock
from atrium.sources import actions
from atrium.sources.models import Document
from atrium.sources.reading import reader_for, said_of

_FALLS = {-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGILL, -signal.SIGTRAP}


@job("sources.read", long=True)
def read(run: Run, *, document_id: UUID, language: str = "") -> None:
    """Read a document's file in a child process and keep its passages.

    What goes wrong is said in ``language``, which is that of who gave the file.
    """
    document = Document.objects.select_related("file").filter(pk=document_id).first()
    if document is None or not actions.begin_reading(document=document):
        return
    task = reader_for(document.file.kind)
    assert task, "add_document refuses files without a reader"
    try:
        found = child.run(
            task,
            {"path": str(path_of(document.file.storage_name))},
            on_progress=lambda done, total, _note: run.progress(done, total),
        )
    except (child.ChildRefused, child.ChildLimit, child.ChildDied) as trouble:
        reason = _reason_of(trouble)
        with run.writing(), override(language or settings.LANGUAGE_CODE):
            actions.fail_reading(document=document, failure=said_of(reason), at=clock.now())
        return
    with run.writing():
        actions.finish_reading(
            document=document,
            passages=found["passages"],
            characters=found["characters"],
            at=clock.now(),
        )


def _reason_of(trouble: Exception) -> str:
    """Return why a file could not be read, where reading it again would end no better."""
    if isinstance(trouble, child.ChildRefused):
        return trouble.reason
    if isinstance(trouble, child.ChildLimit):
        return trouble.which
    # A parser that a file brings to fall does so each time. What kills from outside passes by.
    if isinstance(trouble, child.ChildDied) and trouble.code in _FALLS:
        return "fell_over"
    raise trouble


@on_dead("sources.read")
def give_up(job: Job, *, at: datetime) -> None:
    """Reading failed for good: say so on the document."""
    document = Document.objects.filter(pk=job.about_id).first() if job.about_id else None
    if document is not None:
        actions.fail_reading(document=document, failure=said_of("unknown"), at=at)
