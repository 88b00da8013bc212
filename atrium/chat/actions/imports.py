"""Bringing chats from another place. The file waits in the storage while a job reads it."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from atrium.chat.models import Import
from atrium.files import storage
from atrium.files.sizes import amount
from atrium.jobs.actions import cancel, enqueue
from atrium.jobs.models import Job
from atrium.kit.errors import Conflict, TooLarge, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.people.models import User


class ImportTooLarge(TooLarge):
    code = "import_too_large"


class EmptyImport(Unprocessable):
    code = "empty_file"


class ImportUnderWay(Conflict):
    code = "import_under_way"


def begin_import(*, person: User, name: str, source: Iterable[bytes], at: datetime) -> Import:
    """Keep a file with chats, and have a job take them in. Never call this in a transaction.

    :raises ImportTooLarge: when it is more than one may bring at once
    :raises EmptyImport: when there is nothing in it
    :raises ImportUnderWay: while another of theirs is being read
    """
    _check_free(person)
    with storage.Draft() as draft:
        for piece in source:
            draft.write(piece)
            if draft.size > LIMITS.import_bytes:
                raise ImportTooLarge(
                    _("One file with chats has at most %(most)s.")
                    % {"most": amount(LIMITS.import_bytes)},
                    limit=LIMITS.import_bytes,
                    way_on=_("Export fewer chats at once, or cut the file."),
                )
        written = draft.flush()
        if not written.size:
            raise EmptyImport(_("This file is empty."))
        kept = storage.keep(draft.path)
    try:
        with transaction.atomic():
            made = Import.objects.create(
                person=person,
                name=name[:200] or "chats.json",
                storage_name=kept,
                draft_name=storage.new_draft_name(),
                size=written.size,
                sha256=written.sha256,
                begun_at=at,
            )
            job = enqueue(
                "chat.take_in",
                owner=f"person:{person.pk}",
                about=("chat.import", made.pk),
                import_id=made.pk,
                at=at,
            )
            Import.objects.filter(pk=made.pk).update(job_id=job.pk)
    except IntegrityError:  # begun twice in the same moment
        storage.drop(kept)
        _check_free(person)
        raise
    made.refresh_from_db()
    return made


def call_off_import(*, imported: Import, at: datetime) -> None:
    """Stop taking in; what was brought stays."""
    job = Job.objects.filter(pk=imported.job_id).first() if imported.job_id else None
    if job:
        cancel(job=job, at=at)


def note_found(*, imported: Import, found: int) -> None:
    """Keep how many chats its file has."""
    Import.objects.filter(pk=imported.pk).update(found=found)


def note_taken(*, imported: Import, is_new: bool) -> None:
    """Count one more chat of the file, in the transaction that took it in."""
    # PostgreSQL adds no truth values to numbers.
    counted = {"brought": F("brought") + 1} if is_new else {"known": F("known") + 1}
    Import.objects.filter(pk=imported.pk).update(taken=F("taken") + 1, **counted)


@transaction.atomic
def end_import(*, imported: Import, state: Import.State, failure: str = "", at: datetime) -> bool:
    """End it and remove its bytes; False when it had ended already."""
    working = Import.objects.filter(pk=imported.pk, state=Import.State.WORKING)
    names = list(working.values_list("storage_name", "draft_name"))
    ended = working.update(state=state, failure=failure[:300], ended_at=at, storage_name="")
    if not ended:
        return False
    for kept, draft in names:
        transaction.on_commit(lambda kept=kept, draft=draft: _remove(kept, draft))  # type: ignore[misc]
    return True


def draft_of(imported: Import) -> Path:
    """Return where the chats lie as they were read."""
    return storage.draft_path(imported.draft_name)


def _check_free(person: User) -> None:
    if Import.objects.filter(person=person, state=Import.State.WORKING).exists():
        raise ImportUnderWay(
            _("Your last file is still being read."), way_on=_("Wait for it, or call it off.")
        )


def _remove(kept: str, draft: str) -> None:
    if kept:
        storage.drop(kept)
    if draft:
        storage.draft_path(draft).unlink(missing_ok=True)
