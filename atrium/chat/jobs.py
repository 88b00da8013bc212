import json
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from atrium.chat import actions
from atrium.chat.bringing import bring
from atrium.chat.import_words import said_of
from atrium.chat.models import Import
from atrium.files.storage import path_of
from atrium.jobs.models import Job
from atrium.jobs.registry import Priority, every, job, on_cancelled, on_dead
from atrium.jobs.run import Run
from atrium.kit import child, clock
from atrium.kit.limits import LIMITS


@job("chat.take_in", long=True, attempts=5, seconds=3600)
def take_in(run: Run, *, import_id: UUID) -> None:
    """Read a file with chats in a child process, and take them in one by one."""
    working = Import.objects.filter(pk=import_id, state=Import.State.WORKING)
    imported = working.select_related("person").first()
    if imported is None:
        return
    draft = actions.draft_of(imported)
    draft.unlink(missing_ok=True)  # of a try that was killed
    try:
        found = child.run(
            "atrium.chat.readers.bundle:read",
            {"path": str(path_of(imported.storage_name)), "out": str(draft)},
            cpu_seconds=LIMITS.import_seconds,
            wall_seconds=2 * LIMITS.import_seconds,
            on_progress=lambda _done, _total, _note: run.check_cancelled(),
        )
        with run.writing():
            actions.note_found(imported=imported, found=found["chats"])
        _take_each(run, imported, draft, found["chats"])
    except (child.ChildRefused, child.ChildLimit) as trouble:
        reason = trouble.reason if isinstance(trouble, child.ChildRefused) else trouble.which
        _end(run, imported, Import.State.FAILED, said_of(reason, imported.person.language))
    else:
        _end(run, imported, Import.State.DONE)
    finally:
        draft.unlink(missing_ok=True)


def _take_each(run: Run, imported: Import, draft: Path, found: int) -> None:
    """Take in what no try before has: the order of the file is the same each time."""
    with draft.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number < imported.taken:
                continue
            run.check_cancelled()
            with run.writing():
                is_new = bring(json.loads(line), person=imported.person, at=clock.now())
                actions.note_taken(imported=imported, is_new=is_new)
            run.progress(number + 1, found)


def _end(run: Run, imported: Import, state: Import.State, failure: str = "") -> None:
    with run.writing():
        actions.end_import(imported=imported, state=state, failure=failure, at=clock.now())


@on_dead("chat.take_in")
def say_it_failed(job: Job, *, at: datetime) -> None:
    _give_up(job, Import.State.FAILED, at)


@on_cancelled("chat.take_in")
def say_it_was_called_off(job: Job, *, at: datetime) -> None:
    _give_up(job, Import.State.CANCELLED, at)


def _give_up(job: Job, state: Import.State, at: datetime) -> None:
    every_one = Import.objects.select_related("person")
    imported = every_one.filter(pk=job.about_id).first() if job.about_id else None
    if imported:
        failed = state == Import.State.FAILED
        failure = said_of("unknown_trouble", imported.person.language) if failed else ""
        actions.end_import(imported=imported, state=state, failure=failure, at=at)


@job("chat.abandon_turns")
def abandon_turns(run: Run) -> None:
    """End answers whose process died."""
    actions.abandon_turns(at=clock.now())


@job("chat.purge_chats", priority=Priority.LATER)
def purge_chats(run: Run) -> None:
    """Empty the trash of what lay in it long enough."""
    actions.purge_chats(at=clock.now())


@job("chat.end_expired_copies", priority=Priority.LATER)
def end_expired_copies(run: Run) -> None:
    """Remove what was shared for a time that ended long ago."""
    actions.end_expired_copies(at=clock.now())


every("chat.purge_chats", timedelta(hours=1))
every("chat.end_expired_copies", timedelta(hours=1))
every("chat.abandon_turns", timedelta(seconds=10))
