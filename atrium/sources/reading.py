"""Which reader turns which kind of file into text, and what its failures are called."""

from django.utils.translation import gettext as _

from atrium.files.kinds import all_extensions, kind_for_extension
from atrium.files.queries import largest_file
from atrium.kit.limits import LIMITS

_PLAIN = "atrium.sources.readers.text:read"
_READERS = {
    "text/plain": _PLAIN,
    "text/markdown": _PLAIN,
    "text/csv": _PLAIN,
    "text/vtt": _PLAIN,
    "application/x-subrip": _PLAIN,
}


def reader_for(kind: str) -> str | None:
    """Return the name of the child's task that reads files of this MIME type, or None."""
    return _READERS.get(kind)


def largest_to_read() -> int:
    """Return the bytes of the largest file that is read."""
    return min(largest_file(), LIMITS.text_bytes)


def readable_endings() -> list[str]:
    """Return how names end of files that can be read, the best known first."""
    return [
        end
        for end in all_extensions()
        if (kind := kind_for_extension(end)) and reader_for(kind.mime)
    ]


def said_of(reason: str) -> str:
    """Return the sentence for a reader's reason, in the reader's language."""
    return {
        "empty": _("There is no text in this file."),
        "too_long": _("This file has more text than can be kept."),
        "not_text": _("This is not readable as text."),
        "memory": _("Reading this file would take too much memory, so it was stopped."),
        "cpu": _("Reading this file took too long, so it was stopped."),
        "wall": _("Reading this file took too long, so it was stopped."),
    }.get(reason, _("This file could not be read."))
