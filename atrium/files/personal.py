"""What somebody keeps as files."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from django.utils.translation import gettext_lazy as _

from atrium.files import storage
from atrium.files.models import File, Picture, Upload, Usage
from atrium.people.belongings import AT_ONCE, Belonging, KeptFile, Part, Whose, register


def _erase_files(whose: Whose, *, at: datetime) -> int:
    """Remove files, bytes before rows: who is killed in between finds the rows and goes on."""
    chosen = list(File.objects.filter(whose.owns()).order_by("pk")[:AT_ONCE])
    for picture in Picture.objects.filter(file__in=chosen):
        storage.drop(picture.storage_name)
    for file in chosen:
        storage.drop(file.storage_name)
    File.objects.filter(pk__in=[file.pk for file in chosen]).delete()
    return len(chosen)


def _erase_uploads(whose: Whose, *, at: datetime) -> int:
    chosen = list(Upload.objects.filter(whose.owns()).order_by("pk")[:AT_ONCE])
    for upload in chosen:
        storage.draft_path(upload.draft_name).unlink(missing_ok=True)
    Upload.objects.filter(pk__in=[upload.pk for upload in chosen]).delete()
    return len(chosen)


def _bytes_of(whose: Whose) -> Iterator[KeptFile]:
    kept = File.objects.filter(whose.owns(), purged_at=None).order_by("made_at", "pk")
    for file in kept.iterator(chunk_size=AT_ONCE):
        read = partial(storage.pieces, storage.path_of(file.storage_name))
        yield KeptFile(name=file.name, size=file.size, read=read)


register(
    Part(
        key="files",
        title=_("Files"),
        order=500,
        files=_bytes_of,
        belongings=(
            Belonging(
                table=Upload,
                title=_("Uploads"),
                of=lambda whose: Upload.objects.filter(whose.owns()),
                told=("id", "name", "length", "received", "made_at", "ended_at", "file_id"),
                erase=_erase_uploads,
            ),
            Belonging(
                table=Picture,
                title=_("Pictures drawn from files"),
                of=lambda whose: Picture.objects.filter(whose.owns("file")),
                not_told=_("They are drawn again from the files, which are told."),
                # Their bytes go together with those of their file.
                erase=lambda whose, *, at: 0,
            ),
            Belonging(
                table=File,
                title=_("Files"),
                of=lambda whose: File.objects.filter(whose.owns()),
                told=(
                    *("id", "name", "size", "sha256", "kind", "declared_kind"),
                    *("made_at", "deleted_at", "purged_at"),
                ),
                erase=_erase_files,
            ),
            Belonging(
                table=Usage,
                title=_("How much is kept"),
                of=lambda whose: Usage.objects.filter(owner__in=whose.audiences),
                told=("owner", "kept_bytes", "day", "uploads_that_day"),
            ),
        ),
    )
)
