from datetime import timedelta
from pathlib import Path
from uuid import UUID

from atrium.events.actions import tell
from atrium.files import storage
from atrium.files.actions import pictures, recount, upkeep
from atrium.files.models import File
from atrium.jobs.models import Priority
from atrium.jobs.registry import every, job
from atrium.jobs.run import Run
from atrium.kit import child, clock


@job("files.draw_pictures", priority=Priority.SOON, long=True, seconds=120)
def draw_pictures(run: Run, *, file_id: UUID) -> None:
    """Draw what is shown of an image, in a child; the original stays as it came."""
    file = File.objects.with_bytes().filter(pk=file_id).first()
    if file is None:
        return
    drafts = {str(use): storage.draft_path(storage.new_draft_name()) for use in pictures.SIDES}
    try:
        _draw(run, file, drafts)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def _draw(run: Run, file: File, drafts: dict[str, Path]) -> None:
    answer = child.run(
        "atrium.kit.pictures:draw",
        pictures.plan_pictures(file=file, drafts=drafts),
        memory_bytes=pictures.MEMORY,
        cpu_seconds=pictures.CPU_SECONDS,
        wall_seconds=pictures.WALL_SECONDS,
    )
    if "refused" in answer:
        return  # there is no picture then; the file can still be downloaded
    for (use, draft), drawn in zip(drafts.items(), answer["pictures"], strict=True):
        with run.writing():
            pictures.keep_picture(file=file, use=use, draft=draft, drawn=drawn, at=clock.now())
    with run.writing():
        tell(file.audience, "file.pictured", {"id": str(file.pk)}, at=clock.now())


@job("files.recount", priority=Priority.LATER)
def count_again(run: Run, *, whose: str) -> None:
    """Make what is counted to an owner what they really keep."""
    recount(owner=whose)


@job("files.look_after", priority=Priority.LATER, long=True)
def look_after(run: Run) -> None:
    """End what expired and purge what lay in the trash long enough."""
    for step in (upkeep.end_expired_uploads, upkeep.purge_deleted):
        run.check_cancelled()
        while step(at=clock.now()):
            run.check_cancelled()


@job("files.sweep", priority=Priority.LATER, long=True)
def sweep(run: Run) -> None:
    """Remove bytes that nothing refers to."""
    upkeep.sweep(at=clock.now())


@job("files.warn_before_purging", priority=Priority.LATER)
def warn_before_purging(run: Run) -> None:
    """Tell people what leaves their trash soon."""
    upkeep.warn_before_purging(at=clock.now())


every("files.look_after", timedelta(minutes=15))
every("files.sweep", timedelta(days=1))
every("files.warn_before_purging", cron="0 7 * * *")
