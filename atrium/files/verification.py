"""Whether every row has its bytes, whole, and all bytes have a row."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from atrium.files import holders, storage
from atrium.files.models import File, Picture

_AT_ONCE = 200
_GRACE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing wrong: ``missing``, ``wrong size``, ``wrong hash`` or ``orphan``."""

    what: str
    storage_name: str
    file_id: str = ""
    said: str = ""
    found: str = ""

    def __str__(self) -> str:
        whose = f" of file {self.file_id}" if self.file_id else ""
        told = f": the row says {self.said}, there is {self.found}" if self.said else ""
        return f"{self.what}{whose} at {self.storage_name}{told}"


def differences(*, at: datetime) -> Iterator[Difference]:
    """Read every file over and yield what does not agree with its row, then bytes without a row."""
    for file in File.objects.with_bytes().order_by("pk").iterator(chunk_size=_AT_ONCE):
        found = _difference_of(file.storage_name, str(file.pk), file.size, file.sha256)
        if found and File.objects.filter(pk=file.pk, storage_name=file.storage_name).exists():
            yield found
    for picture in Picture.objects.order_by("pk").iterator(chunk_size=_AT_ONCE):
        if not storage.path_of(picture.storage_name).exists():
            yield Difference("missing", picture.storage_name, str(picture.file_id))
    for held in holders.held_elsewhere():
        found = _difference_of(held.storage_name, held.row, held.size, held.sha256)
        if found and holders.known([held.storage_name]):
            yield found
    yield from _orphans(at=at)


def count() -> int:
    """Return how many rows have bytes."""
    return int(File.objects.with_bytes().count())


def _difference_of(name: str, key: str, size: int, sha256: str) -> Difference | None:
    try:
        found = storage.measure(storage.path_of(name))
    except FileNotFoundError:
        return Difference("missing", name, key)
    if found.size != size:
        return Difference("wrong size", name, key, str(size), str(found.size))
    if found.sha256 != sha256:
        return Difference("wrong hash", name, key, sha256, found.sha256)
    return None


def _orphans(*, at: datetime) -> Iterator[Difference]:
    for name in storage.every_name():
        if not storage.is_older(storage.path_of(name), than=_GRACE, at=at):
            continue  # its row may be on its way
        if not holders.known([name]):
            yield Difference("orphan", name)
