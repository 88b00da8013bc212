from datetime import datetime
from uuid import UUID

from atrium.files.storage import path_of
from atrium.jobs.models import Job
from atrium.jobs.registry import job, on_dead
from atrium.jobs.run import Run
from atrium.kit import child, clock
from atrium.sources import actions
from atrium.sources.models import Document
from atrium.sources.reading import reader_for, said_of


@job("sources.read", long=True)
def read(run: Run, *, document_id: UUID) -> None:
    """Read a document's file in a child process and keep its passages."""
    document = Document.objects.select_related("file").filter(pk=document_id).first()
    if document is None or not actions.begin_reading(document=document):
        return
    task = reader_for(document.file.kind)
    assert task, "add_document refuses files without a reader"
    try:
        found = child.run(task, {"path": str(path_of(document.file.storage_name))})
    except (child.ChildRefused, child.ChildLimit) as trouble:
        reason = trouble.reason if isinstance(trouble, child.ChildRefused) else trouble.which
        with run.writing():
            actions.fail_reading(document=document, failure=said_of(reason), at=clock.now())
        return
    with run.writing():
        actions.finish_reading(
            document=document,
            passages=found["passages"],
            characters=found["characters"],
            at=clock.now(),
        )


@on_dead("sources.read")
def give_up(job: Job, *, at: datetime) -> None:
    """Reading failed for good: say so on the document."""
    document = Document.objects.filter(pk=job.about_id).first() if job.about_id else None
    if document is not None:
        actions.fail_reading(document=document, failure=said_of("unknown"), at=at)
