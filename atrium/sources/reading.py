"""Which reader turns which kind of file into text, and what its failures are called."""

from collections import defaultdict
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.files.kinds import kind_of
from atrium.files.queries import largest_file
from atrium.kit.limits import LIMITS


@dataclass(frozen=True, slots=True)
class Reading:
    """How one kind of file is read. ``bound`` names how large it may be, in ``LIMITS``."""

    task: str  # what the child process runs
    said: Promise
    bound: str = "text_bytes"


_PLAIN = "atrium.sources.readers.text:read"
# The one table of what can be read: fields for files, hints and refusals all say what it says.
_READINGS = {
    "application/pdf": Reading(
        "atrium.sources.readers.pdf:read", gettext_lazy("PDF"), bound="pdf_bytes"
    ),
    "text/plain": Reading(_PLAIN, gettext_lazy("text and code")),
    "text/markdown": Reading(_PLAIN, gettext_lazy("Markdown")),
    "text/csv": Reading(_PLAIN, gettext_lazy("CSV")),
    "text/vtt": Reading(_PLAIN, gettext_lazy("subtitles")),
    "application/x-subrip": Reading(_PLAIN, gettext_lazy("subtitles")),
}


def reader_for(kind: str) -> str | None:
    """Return the name of the child's task that reads files of this MIME type, or None."""
    reading = _READINGS.get(kind)
    return reading.task if reading else None


def largest_to_read(kind: str = "") -> int:
    """Return the bytes of the largest file of this kind, or of any kind, that is read."""
    readings = [_READINGS[kind]] if kind else _READINGS.values()
    bounds: list[int] = [getattr(LIMITS, reading.bound) for reading in readings]
    return min(largest_file(), max(bounds))


def readable_endings() -> list[str]:
    """Return how names end of files that can be read, the best known first."""
    kinds = [kind for mime in _READINGS if (kind := kind_of(mime))]
    firsts = [kind.extensions[0] for kind in kinds]
    return firsts + [end for kind in kinds for end in kind.extensions[1:]]


def readable_kinds() -> list[tuple[str, int]]:
    """Return what can be read, as people call it, by how many bytes of it are."""
    said = defaultdict[int, list[str]](list)
    for mime, reading in _READINGS.items():
        if str(reading.said) not in said[most := largest_to_read(mime)]:
            said[most].append(str(reading.said))
    return [(", ".join(names), most) for most, names in said.items()]


def said_of(reason: str) -> str:
    """Return the sentence for a reader's reason, in the reader's language."""
    return {
        "empty": _("There is no text in this file."),
        "too_long": _("This file has more text than can be kept."),
        "not_text": _("This is not readable as text."),
        "locked": _("This file is locked with a password. Save it without one and drop it again."),
        "damaged": _("This file is damaged and cannot be opened."),
        "garbled": _("The letters in this file cannot be told: it shows them, and says others."),
        "only_pictures": _(
            "There is no text in this file: its pages are pictures. Text in pictures is not read"
            " yet; export it once more with its text."
        ),
        "too_many_pages": _("This file has more than %(most)d pages; cut it into smaller ones.")
        % {"most": LIMITS.document_pages},
        "memory": _("Reading this file would take too much memory, so it was stopped."),
        "fell_over": _("This file makes its reader fall over, so it was stopped."),
        "cpu": _("Reading this file took too long, so it was stopped."),
        "wall": _("Reading this file took too long, so it was stopped."),
        "answer": _("This file has more text than can be kept."),
    }.get(reason, _("This file could not be read."))
