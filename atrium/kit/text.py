"""Text as people write it: one form of it, its length, and names of files fit to show."""

import re
import unicodedata
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from atrium.kit.errors import Refusal
from atrium.kit.limits import LIMITS

# Marks and overrides of direction: with them "gpj.exe" is read as "exe.jpg".
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile("\r\n?|\u0085|\u2028|\u2029")
_DROPPED = {"Cc", "Cs", "Zl", "Zp"}


class BadName(Refusal):
    code = "bad_name"


def clean_name(name: str) -> str:
    """Return the last part of a file's name, on one line and short enough, to be shown.

    It is never a place to write to.

    :raises BadName: when marks of direction hide how it ends, or nothing is left
    """
    if _DIRECTION.search(name):
        raise BadName(_("This file’s name has hidden marks that change the order of its letters."))
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(mark for mark in last if unicodedata.category(mark) not in _DROPPED)
    kept = unicodedata.normalize("NFC", " ".join(kept.replace("\ufeff", "").split()))
    if not kept.strip(". "):
        raise BadName(_("This file has no name."))
    return _shortened(kept)


def normal(text: str) -> str:
    """Return the text in NFC with plain newlines, without NUL and without halves of characters."""
    whole = text.replace("\0", "").encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", whole))


def count_characters(text: str) -> int:
    """Return the number of code points once the text is :func:`normal`; prices count with it."""
    return len(normal(text))


def _shortened(name: str) -> str:
    if len(name) <= LIMITS.name_characters:
        return name
    ending = PurePosixPath(name).suffix[:20]
    return name[: LIMITS.name_characters - len(ending)].rstrip(". ") + ending
