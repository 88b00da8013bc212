"""Which reader turns which kind of file into text, and what its failures are called."""

from django.utils.translation import gettext as _

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
