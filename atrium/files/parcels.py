"""What can be sent of a file: itself, or a picture of it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from atrium.files import storage
from atrium.files.kinds import kind_of
from atrium.files.models import File, Picture
from atrium.files.queries import NoSuchFile, path_of


@dataclass(frozen=True, slots=True)
class Parcel:
    """The bytes, what they are, and under which name they go."""

    path: Path
    size: int
    kind: str
    name: str
    etag: str
    made_at: datetime
    is_inline: bool


def parcel_of(file: File) -> Parcel:
    """Return the file as it came; only what is played may be opened in its place.

    :raises NoSuchFile: when its bytes are gone
    """
    path = path_of(file)
    if not path.exists():
        raise NoSuchFile(_("The bytes of this file are missing."))
    kind = kind_of(file.kind)
    return Parcel(
        path=path,
        size=file.size,
        kind=file.kind,
        name=file.name,
        etag=file.sha256[:32],
        made_at=file.made_at,
        is_inline=kind is not None and kind.is_played,
    )


def picture_parcel_of(file: File, use: Picture.Use) -> Parcel:
    """Return a picture of the file, drawn anew by us and therefore fit to be shown.

    :raises NoSuchFile: when there is none, or not yet
    """
    picture = Picture.objects.filter(file=file, use=use).first()
    path = storage.path_of(picture.storage_name) if picture else None
    if picture is None or path is None or not path.exists():
        raise NoSuchFile(_("There is no picture of this file."))
    return Parcel(
        path=path,
        size=picture.size,
        kind=picture.kind,
        name=f"{PurePosixPath(file.name).stem}.webp",
        etag=picture.storage_name.replace("/", ""),
        made_at=picture.made_at,
        is_inline=True,
    )
