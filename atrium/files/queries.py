from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.utils.translation import gettext as _

from atrium.files import kinds, storage
from atrium.files.models import File, Picture, Upload, Usage
from atrium.files.quota import quota_of
from atrium.kit.errors import NotFound
from atrium.kit.limits import LIMITS, MB
from atrium.options.queries import value
from atrium.people.caller import Caller

# What must stay free on the disk, so that the database can still write.
SPARE_BYTES = 256 * MB


class NoSuchFile(NotFound):
    code = "no_such_file"


class NoSuchUpload(NotFound):
    code = "no_such_upload"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What somebody may upload, told before they do."""

    largest_bytes: int
    one_request_bytes: int
    quota_bytes: int
    kept_bytes: int
    uploads_left_today: int | None  # None: as many as they like
    extensions: list[str]

    @property
    def left_bytes(self) -> int:
        return max(0, self.quota_bytes - self.kept_bytes)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"left_bytes": self.left_bytes}


def largest_file() -> int:
    return int(value("files.largest_mb")) * MB


def allowance_of(caller: Caller, *, at: datetime) -> Allowance:
    """Return the limits that the next upload of this caller meets."""
    usage = Usage.objects.filter(owner=caller.audience).first() or Usage()
    left: int | None = None
    if not caller.is_member:
        today = usage.uploads_that_day if usage.day == at.date() else 0
        left = max(0, int(value("files.guest_daily_uploads")) - today)
    return Allowance(
        largest_bytes=largest_file(),
        one_request_bytes=min(largest_file(), LIMITS.upload_bytes),
        quota_bytes=quota_of(caller),
        kept_bytes=usage.kept_bytes,
        uploads_left_today=left,
        extensions=kinds.all_extensions(),
    )


def file_of(caller: Caller, file_id: UUID) -> File:
    """:raises NoSuchFile: when there is none that this caller may see"""
    found: File | None = File.objects.visible_to(caller).filter(pk=file_id).first()
    if found is None:
        raise NoSuchFile(_("There is no such file."))
    return found


def upload_of(caller: Caller, upload_id: UUID) -> Upload:
    """:raises NoSuchUpload: when there is none that this caller may see"""
    found: Upload | None = Upload.objects.visible_to(caller).filter(pk=upload_id).first()
    if found is None:
        raise NoSuchUpload(_("There is no such upload."))
    return found


def path_of(file: File) -> Path:
    """Return where the bytes lie, for a child process to open; only ever read from it."""
    if not file.storage_name:
        raise NoSuchFile(_("This file was removed."))
    return storage.path_of(file.storage_name)


def bytes_asked(file: File) -> bytes | None:
    """Return what an engine is given of this image: a JPEG that we drew; None when it is gone."""
    picture = file.pictures.filter(use=Picture.Use.ASKED).first()
    try:
        return storage.path_of(picture.storage_name).read_bytes() if picture else None
    except FileNotFoundError:
        return None


def open_bytes(file: File) -> BinaryIO:
    """Open the bytes for reading."""
    try:
        return path_of(file).open("rb")
    except FileNotFoundError:
        raise NoSuchFile(_("The bytes of this file are missing.")) from None
