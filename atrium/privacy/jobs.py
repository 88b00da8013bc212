from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import translation

from atrium.files import storage
from atrium.jobs.models import Job
from atrium.jobs.registry import Priority, Run, every, job, on_cancelled, on_dead
from atrium.kit import clock
from atrium.kit.limits import MB
from atrium.options.queries import value
from atrium.people.actions.leaving import forget_reserved_names
from atrium.people.belongings import Whose, every_part
from atrium.privacy import actions
from atrium.privacy.archive import Archive, check_disk
from atrium.privacy.copying import write_copy
from atrium.privacy.farewell import say_farewell
from atrium.privacy.models import Erasure, Export

_HOURS = 3600
_PASSES = 5


@job("privacy.make_export", priority=Priority.LATER, long=True, attempts=10, seconds=12 * _HOURS)
def make_export(run: Run, *, export_id: UUID) -> None:
    """Write the zip beside, and give it its place when it is whole."""
    export = Export.objects.filter(pk=export_id, state=Export.State.MAKING).first()
    if export is None:
        return
    with run.writing():
        actions.foretell(export=export)
    draft = storage.draft_path(export.draft_name)
    draft.unlink(missing_ok=True)  # of a try that was killed
    try:
        _write(run, export)
        written = storage.measure(draft)
        storage.keep(draft, export.storage_name)
        with run.writing():
            actions.finish_export(export=export, written=written, at=clock.now())
    finally:
        draft.unlink(missing_ok=True)


def _write(run: Run, export: Export) -> None:
    check_disk()
    language = export.language or (export.person.language if export.person else "")

    def say(done: int, total: int, words: str) -> None:
        run.check_cancelled()
        if words:
            run.progress(done, total, words)

    with (
        translation.override(language or settings.LANGUAGE_CODE),
        storage.draft_path(export.draft_name).open("xb") as out,
        Archive(out, most=_most_bytes(), at=clock.now()) as archive,
    ):
        whose = Whose(person=export.person) if export.person else Whose(guest=export.guest)
        write_copy(archive, whose, say=say, at=clock.now())


def _most_bytes() -> int:
    return int(value("privacy.export_largest_mb")) * MB


@on_dead("privacy.make_export")
def say_it_failed(job: Job, *, at: datetime) -> None:
    _end(job, Export.State.FAILED)


@on_cancelled("privacy.make_export")
def say_it_was_called_off(job: Job, *, at: datetime) -> None:
    _end(job, Export.State.CANCELLED)


def _end(job: Job, state: Export.State) -> None:
    export = Export.objects.filter(pk=job.arguments["export_id"]).first()
    if export:
        actions.end_export(export=export, state=state, failure=job.error)


@job("privacy.erase", priority=Priority.LATER, long=True, attempts=50, seconds=12 * _HOURS)
def erase(run: Run, *, erasure_id: UUID, again: bool = False) -> None:
    """Do what the table says to everything that is somebody's; who is killed in it goes on."""
    states = [Erasure.State.ERASING, *([Erasure.State.DONE] if again else [])]
    erasure = (
        Erasure.objects.filter(pk=erasure_id, state__in=states)
        .select_related("person", "guest")
        .first()
    )
    if erasure is None:
        return
    if erasure.person and not erasure.told_at:
        say_farewell(erasure)
        with run.writing():
            actions.note_told(erasure=erasure, at=clock.now())
    whose = Whose(person=erasure.person) if erasure.person else Whose(guest=erasure.guest)
    for _pass in range(_PASSES):  # until one finds nothing more
        if not _erase_everything(run, whose):
            break
    with run.writing():
        actions.finish_erasure(erasure=erasure, at=clock.now())


def _erase_everything(run: Run, whose: Whose) -> int:
    """Go through all parts once, a little at a time, and return how many rows that were."""
    parts = every_part()
    for part in parts:
        if part.ends:
            with run.writing():
                part.ends(whose, clock.now())
    erased = 0
    for number, part in enumerate(parts):
        run.progress(number, len(parts), part.key)
        for belonging in part.belongings:
            some = 1
            while some:
                run.check_cancelled()
                with run.writing():
                    some = belonging.erase_some(whose, at=clock.now())
                erased += some
    return erased


@job("privacy.look_after", priority=Priority.LATER)
def look_after(run: Run) -> None:
    """Begin the erasures that are due, and remove what has run out: copies, kept names."""
    actions.begin_due(at=clock.now())
    actions.expire_exports(at=clock.now())
    forget_reserved_names(at=clock.now())


every("privacy.look_after", timedelta(minutes=5))
