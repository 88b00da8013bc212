from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.events.registry import record
from atrium.files import storage, verdict
from atrium.files.actions import usage
from atrium.files.events import FileDeleted, FileKept, FilePurged, FileRestored
from atrium.files.kinds import Kind, Use
from atrium.files.models import File, Upload
from atrium.files.queries import largest_file
from atrium.files.storage import Written
from atrium.jobs.actions import enqueue
from atrium.kit.errors import Gone, NotAllowed, Refusal, Unprocessable
from atrium.kit.text import BadName, clean_name
from atrium.people.caller import Caller


class EmptyFile(Unprocessable):
    code = "empty_file"


class UploadEnded(Gone):
    code = "upload_ended"


class NobodyKeeps(NotAllowed):
    code = "nobody_keeps"


def keep_upload(
    *,
    by: Caller,
    name: str,
    source: Iterable[bytes],
    declared_kind: str = "",
    expected_size: int = 0,
    at: datetime,
) -> File:
    """Keep what ``source`` yields as a file of ``by``, once it is known to be what it says.

    ``expected_size`` lets it be refused before it is read. Never call this inside a transaction:
    the stream may take its time.

    :raises Refusal: for a name, a size, a quota or a content that will not do; nothing is kept then
    """
    name = check_name(name)
    check_owner(by)
    usage.check_size(expected_size)
    usage.check_room(by=by, size=expected_size)
    usage.check_number(by=by)
    usage.count_upload(by=by, at=at)
    with storage.Draft() as draft:
        most = largest_file()
        for piece in source:
            draft.write(piece)
            if draft.size > most:
                usage.check_size(draft.size)
        usage.check_room(by=by, size=draft.size)
        return keep_draft(
            by=by,
            name=name,
            declared_kind=declared_kind,
            draft=draft.path,
            written=draft.flush(),
            at=at,
        )


def keep_draft(
    *,
    by: Caller,
    name: str,
    declared_kind: str,
    draft: Path,
    written: Written,
    upload: Upload | None = None,
    at: datetime,
) -> File:
    """Judge a whole draft, give its bytes a place and then a row, in which ``upload`` ends.

    The draft itself stays, so that after a crash in the middle it can be done again.
    """
    if not written.size:
        raise EmptyFile(_("This file is empty."))
    kind = verdict.judge(draft, name=name, declared_kind=declared_kind)
    storage_name = storage.keep(draft)
    file = File(
        **by.as_owner(),
        name=name,
        size=written.size,
        sha256=written.sha256,
        kind=kind.mime,
        declared_kind=told_kind(declared_kind),
        storage_name=storage_name,
        made_at=at,
    )
    try:
        with transaction.atomic():
            if upload is None:
                usage.reserve(by=by, size=written.size)
            file.save(force_insert=True)
            if upload is not None:
                _end_in(upload, file)
            _announce(file, kind, at=at)
    except Refusal:
        storage.drop(storage_name)  # after a fault nobody knows; the sweep looks
        raise
    return file


def delete_file(*, file: File, by: Caller, at: datetime) -> File:
    """Put a file into the trash; deleting twice is deleting once."""
    with transaction.atomic():
        if File.objects.of(by).filter(pk=file.pk).kept().update(deleted_at=at):
            record(FileDeleted(file_id=file.pk, owner=file.audience), at=at)
    file.refresh_from_db()
    return file


def restore_file(*, file: File, by: Caller, at: datetime) -> File:
    """Take a file out of the trash."""
    with transaction.atomic():
        if File.objects.of(by).filter(pk=file.pk).in_trash().update(deleted_at=None):
            record(FileRestored(file_id=file.pk, owner=file.audience), at=at)
    file.refresh_from_db()
    return file


def purge_file(*, file: File, at: datetime) -> bool:
    """Remove the bytes of a file in the trash for good; the empty row stays for what refers to it.

    Return whether it was we who did it.
    """
    with transaction.atomic():
        pictures = list(file.pictures.values_list("storage_name", flat=True))
        rows = File.objects.filter(pk=file.pk).in_trash()
        if not rows.update(purged_at=at, storage_name="", name=""):
            return False
        file.pictures.all().delete()
        usage.release(owner=file.audience, size=file.size)
        record(FilePurged(file_id=file.pk, owner=file.audience), at=at)
        names = [file.storage_name, *pictures]
        transaction.on_commit(lambda: _drop_all(names))
    return True


def check_name(name: str) -> str:
    """Return a name fit to show.

    :raises BadName: when it tries to be more than a name
    """
    if "\0" in name or ".." in name.replace("\\", "/").split("/"):
        raise BadName(_("This file’s name is not a name: it holds marks that belong to a path."))
    name = clean_name(name)
    verdict.check_ending(name)
    return name


def told_kind(declared: str) -> str:
    """Return the kind that a client told, fit to be kept: a type has no mark that is not shown."""
    return "".join(mark for mark in declared if mark.isprintable())[:100]


def check_owner(by: Caller) -> None:
    """:raises NobodyKeeps: when there is nobody to keep it for"""
    if by.is_nobody:
        raise NobodyKeeps(_("There is nobody to keep this file for."))


def _announce(file: File, kind: Kind, *, at: datetime) -> None:
    record(FileKept(file_id=file.pk, owner=file.audience, kind=kind.mime), at=at)
    if Use.SEE in kind.uses:
        enqueue(
            "files.draw_pictures",
            owner=file.audience,
            about=("files.file", file.pk),
            file_id=file.pk,
            at=at,
        )


def _end_in(upload: Upload, file: File) -> None:
    rows = Upload.objects.filter(pk=upload.pk, file=None, ended_at=None)
    if not rows.update(file=file):
        raise UploadEnded(_("This upload has ended. Begin again."))


def _drop_all(names: Iterable[str]) -> None:
    for name in names:
        storage.drop(name)
