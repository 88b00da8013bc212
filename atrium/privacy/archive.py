"""A zip written from front to back, whose manifest says what is in it."""

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import PurePosixPath
from types import TracebackType
from typing import Any, BinaryIO, Self
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from atrium.files import storage
from atrium.files.queries import SPARE_BYTES
from atrium.files.sizes import amount
from atrium.kit.errors import TooLarge, Unavailable
from atrium.kit.file_names import safe_name

MANIFEST = "manifest.json"
_LOOK_EVERY = 64_000_000


class CopyTooLarge(TooLarge):
    code = "copy_too_large"


class NoRoom(Unavailable):
    code = "disk_full"


class Archive:
    """Members are added one after another; ``close`` adds the manifest and ends the zip.

    Used as a ``with``, so that one which is given up is let go.
    """

    def __init__(self, out: BinaryIO, *, most: int, at: datetime) -> None:
        self._zip = ZipFile(out, "w", ZIP_DEFLATED, allowZip64=True, compresslevel=3)
        self._most = most
        self._at = at
        self._written = self._looked = 0
        self._members: list[dict[str, Any]] = []
        self._taken: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError, ValueError):
            self._zip.close()

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write one member.

        :raises CopyTooLarge: when the whole becomes larger than it may
        :raises NoRoom: when the disk is needed for other things
        """
        summed, size = hashlib.sha256(), 0
        with self._zip.open(self._info(name), "w", force_zip64=True) as member:
            for piece in pieces:
                self._check(len(piece))
                member.write(piece)
                summed.update(piece)
                size += len(piece)
        self._members.append({"name": name, "size": size, "sha256": summed.hexdigest()})

    def name_for(self, folder: str, name: str) -> str:
        """Return a path in ``folder`` that no other member has, and that every system can keep."""
        safe = safe_name(name)
        stem, ending = PurePosixPath(safe).stem, PurePosixPath(safe).suffix
        path, number = f"{folder}/{safe}", 1
        while path.casefold() in self._taken:
            number += 1
            path = f"{folder}/{stem} ({number}){ending}"
        self._taken.add(path.casefold())
        return path

    def close(self, **told: Any) -> None:
        """Write the manifest, which says what is in the zip, and ``told`` beside it."""
        said = {**told, "made_at": self._at.isoformat(), "members": list(self._members)}
        self.add(MANIFEST, [json.dumps(said, indent=2, ensure_ascii=False).encode()])
        self._zip.close()

    def _info(self, name: str) -> ZipInfo:
        info = ZipInfo(name, self._at.timetuple()[:6])
        info.compress_type = ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        return info

    def _check(self, size: int) -> None:
        self._written += size
        if self._written > self._most:
            raise CopyTooLarge(
                _("The copy would be larger than {most}.").format(most=amount(self._most)),
                limit=self._most,
            )
        if self._written - self._looked > _LOOK_EVERY:
            self._looked = self._written
            check_disk()


def check_disk() -> None:
    """:raises NoRoom: when the database needs what is left of the disk"""
    if storage.free_bytes() < SPARE_BYTES:
        raise NoRoom(_("The disk of this place is full. Please tell who runs it."))
