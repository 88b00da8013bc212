import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.files import storage
from atrium.files.actions import usage
from atrium.files.actions.files import (
    EmptyFile,
    UploadEnded,
    check_name,
    check_owner,
    keep_draft,
    told_kind,
)
from atrium.files.models import File, Upload
from atrium.kit.errors import Conflict, Refusal, TooLarge, TooMany
from atrium.kit.limits import LIMITS
from atrium.people.caller import Caller

KEPT_FOR = timedelta(hours=24)


class WrongOffset(Conflict):
    code = "wrong_offset"


class BeingWritten(Conflict):
    code = "being_written"


class TooManyUploads(TooMany):
    code = "too_many_uploads"


class MoreThanLength(TooLarge):
    code = "more_than_length"


class WrongChecksum(Refusal):
    status = 460  # the number that tus gives it
    code = "wrong_checksum"


def open_upload(
    *,
    by: Caller,
    name: str,
    length: int,
    declared_kind: str = "",
    metadata: str = "",
    at: datetime,
) -> Upload:
    """Begin a file that arrives in pieces; room for all of it is set aside now.

    :raises Refusal: for a name, a size or a quota that will not do, before any byte is sent
    """
    name = check_name(name)
    check_owner(by)
    if length <= 0:
        raise EmptyFile(_("This file is empty."))
    usage.check_size(length)
    usage.check_number(by=by)
    under_way = Upload.objects.of(by).under_way(at=at)
    if under_way.count() >= LIMITS.uploads_per_person * 5:
        raise TooManyUploads(
            _("You have many uploads under way. Let one end, or cancel one."),
            limit=LIMITS.uploads_per_person * 5,
        )
    usage.count_upload(by=by, at=at)
    with transaction.atomic():
        usage.reserve(by=by, size=length)
        return Upload.objects.create(
            **by.as_owner(),
            name=name,
            declared_kind=told_kind(declared_kind),
            metadata=metadata,
            length=length,
            draft_name=storage.new_draft_name(),
            made_at=at,
            expires_at=at + KEPT_FOR,
        )


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a piece must add up to, by ``sha1`` or ``sha256``."""

    algorithm: str
    digest: bytes


def append(
    *,
    upload: Upload,
    offset: int,
    source: Iterable[bytes],
    checksum: Checksum | None = None,
    at: datetime,
) -> Upload:
    """Write a piece behind the ``offset`` bytes that are there, and count it once it is synced.

    :raises WrongOffset: when another number of bytes is there
    :raises BeingWritten: when another request is writing this very moment
    :raises MoreThanLength: when the piece is longer than what is missing
    :raises WrongChecksum: when it was changed on its way; it does not count then
    """
    upload.refresh_from_db()
    _check_open(upload, at=at)
    with _alone(upload) as descriptor:
        upload.refresh_from_db()
        if upload.received != offset:
            raise WrongOffset(
                _("This piece begins at {offset}, but {received} bytes are here.").format(
                    offset=offset, received=upload.received
                ),
                used=upload.received,
            )
        # Whatever lies behind the offset was written by somebody who died before it counted.
        os.ftruncate(descriptor, offset)
        summed = hashlib.new(checksum.algorithm if checksum else "sha1", usedforsecurity=False)
        written = _write(descriptor, _summing(source, summed), offset=offset, most=upload.length)
        if checksum and summed.digest() != checksum.digest:
            raise WrongChecksum(_("This piece was changed on its way. Send it again."))
        os.fsync(descriptor)
        Upload.objects.filter(pk=upload.pk, received=offset, ended_at=None, file=None).update(
            received=offset + written, expires_at=at + KEPT_FOR
        )
        upload.refresh_from_db()
    return upload


def finish_upload(*, upload: Upload, by: Caller, at: datetime) -> File:
    """Make a file of an upload that is whole; finishing twice gives the same file.

    :raises Refusal: when it is not what it says; the upload has ended then
    """
    upload.refresh_from_db()
    if upload.file:
        return upload.file
    with _alone(upload):
        _check_open(upload, at=at)
        draft = storage.draft_path(upload.draft_name)
        try:
            upload.file = keep_draft(
                by=by,
                name=upload.name,
                declared_kind=upload.declared_kind,
                draft=draft,
                written=storage.measure(draft),
                upload=upload,
                at=at,
            )
        except Refusal:
            end_upload(upload=upload, at=at)
            raise
        draft.unlink(missing_ok=True)
        return upload.file


def end_upload(*, upload: Upload, at: datetime) -> bool:
    """Give up an upload and its room; return whether it was still under way."""
    with transaction.atomic():
        rows = Upload.objects.filter(pk=upload.pk, ended_at=None, file=None)
        if not rows.update(ended_at=at):
            return False
        usage.release(owner=upload.audience, size=upload.length)
        transaction.on_commit(lambda: storage.draft_path(upload.draft_name).unlink(missing_ok=True))
    return True


def _check_open(upload: Upload, *, at: datetime) -> None:
    if upload.ended_at or upload.file_id or upload.expires_at <= at:
        raise UploadEnded(_("This upload has ended. Begin again."))


@contextmanager
def _alone(upload: Upload) -> Iterator[int]:
    # The kernel's lock ends with the process, so a killed writer is in nobody's way.
    path = storage.draft_path(upload.draft_name)
    try:
        flags = os.O_RDWR | (0 if upload.received else os.O_CREAT)
        descriptor = os.open(path, flags, 0o600)
    except FileNotFoundError:
        raise UploadEnded(_("This upload has ended. Begin again.")) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BeingWritten(_("Another request is writing this upload.")) from None
        yield descriptor
    finally:
        os.close(descriptor)


def _summing(source: Iterable[bytes], summed: "hashlib._Hash") -> Iterator[bytes]:
    for piece in source:
        summed.update(piece)
        yield piece


def _write(descriptor: int, source: Iterable[bytes], *, offset: int, most: int) -> int:
    at = offset
    for piece in source:
        if at + len(piece) > most:
            raise MoreThanLength(
                _("There is more than the {most} bytes that were announced.").format(most=most),
                limit=most,
            )
        rest = memoryview(piece)
        while rest:
            done = os.pwrite(descriptor, rest, at)
            at, rest = at + done, rest[done:]
    return at - offset
