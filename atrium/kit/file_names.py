"""Names of files that every system can keep."""

import re
import unicodedata
from pathlib import PurePosixPath

_NOT_IN_A_NAME = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST_NAME = 120


def safe_name(name: str) -> str:
    """Return ``name`` without what any system takes for a path, a device or a hidden file."""
    plain = unicodedata.normalize("NFC", _NOT_IN_A_NAME.sub("_", name)).strip(" .")
    shown = "".join(mark for mark in plain if unicodedata.category(mark)[0] != "C") or "file"
    if _DEVICES.fullmatch(shown):
        shown = f"_{shown}"
    if len(shown.encode()) > _LONGEST_NAME:
        ending = PurePosixPath(shown).suffix[:12]
        cut = shown.encode()[: _LONGEST_NAME - len(ending.encode())].decode(errors="ignore")
        shown = cut.rstrip(" .") + ending
    return shown
