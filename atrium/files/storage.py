"""Where the bytes lie: a draft first, synced, under a random name, and only then in a row.

Names are ours alone; nothing that a person typed is ever part of a path.
"""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from django.conf import settings

PIECE = 256 * 1024
_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{40}")
_DRAFT_NAME = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Written:
    """What was found out while bytes were written or read over."""

    size: int
    sha256: str


def path_of(storage_name: str) -> Path:
    """Return where the bytes of that name lie.

    :raises ValueError: when it is not one of our names
    """
    if not _NAME.fullmatch(storage_name):
        raise ValueError(storage_name)
    return _kept() / storage_name


def draft_path(draft_name: str) -> Path:
    """Return where a draft of that name lies, whether or not it exists."""
    if not _DRAFT_NAME.fullmatch(draft_name):
        raise ValueError(draft_name)
    return drafts() / draft_name


def new_draft_name() -> str:
    return secrets.token_hex(20)


def is_draft_name(name: str) -> bool:
    return _DRAFT_NAME.fullmatch(name) is not None


def drafts() -> Path:
    folder = Path(settings.FILES_ROOT) / "drafts"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def free_bytes() -> int:
    return shutil.disk_usage(drafts()).free


class Draft:
    """A file being written. Gone at the end of the ``with`` unless it was kept."""

    def __init__(self) -> None:
        self.path = draft_path(new_draft_name())
        self.size = 0
        self._hash = hashlib.sha256()
        self._file: BinaryIO

    def __enter__(self) -> Self:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb", buffering=PIECE)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)

    def write(self, piece: bytes) -> None:
        self._file.write(piece)
        self._hash.update(piece)
        self.size += len(piece)

    def flush(self) -> Written:
        """Hand everything to the operating system, so that the path can be read."""
        self._file.flush()
        return Written(self.size, self._hash.hexdigest())


def new_name() -> str:
    """Return a random name under which bytes may be kept."""
    token = secrets.token_hex(22)
    return f"{token[:2]}/{token[2:4]}/{token[4:]}"


def keep(draft: Path, name: str = "") -> str:
    """Sync the draft and give its bytes a random name of their own; return that name.

    The draft's own name goes on to work where the file system knows hard links. A ``name`` that a
    row foretold is used instead, and what was kept under it before goes.
    """
    descriptor = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    name = name or new_name()
    target = path_of(name)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        target.hardlink_to(draft)
    except OSError:  # a file system without links, or a second try at a foretold name
        draft.rename(target)
    for folder in (target.parent, target.parent.parent, _kept()):
        _sync_folder(folder)
    return name


def drop(storage_name: str) -> None:
    """Remove the bytes; nothing happens when they are gone."""
    if storage_name:
        path_of(storage_name).unlink(missing_ok=True)


def measure(path: Path) -> Written:
    """Read a file over and return its size and hash."""
    counted, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            counted.update(piece)
            size += len(piece)
    return Written(size, counted.hexdigest())


def pieces(path: Path, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """Read a stretch of a file, a piece at a time."""
    with path.open("rb") as file:
        file.seek(start)
        left = length
        while left is None or left > 0:
            piece = file.read(PIECE if left is None else min(PIECE, left))
            if not piece:
                return
            if left is not None:
                left -= len(piece)
            yield piece


def every_name() -> Iterator[str]:
    """Return the name of everything kept."""
    for path in _kept().glob("*/*/*"):
        yield path.relative_to(_kept()).as_posix()


def is_older(path: Path, *, than: timedelta, at: datetime) -> bool:
    """Return whether a file was last written to longer ago than that."""
    try:
        return at.timestamp() - path.stat().st_mtime > than.total_seconds()
    except FileNotFoundError:
        return False


def _kept() -> Path:
    folder = Path(settings.FILES_ROOT) / "kept"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
