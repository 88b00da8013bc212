"""Runs in a child process: unpack a container to nowhere and count what comes out."""

import zipfile
from typing import Any

_PIECE = 64 * 1024


def count(argument: dict[str, Any]) -> dict[str, Any]:
    """Return ``bytes`` unpacked; stop at ``most`` (``is_bomb``) and at damage (``is_broken``)."""
    most, total = int(argument["most"]), 0
    try:
        with zipfile.ZipFile(argument["path"]) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > most:
                return {"bytes": 0, "is_bomb": True, "is_broken": False}
            for entry in entries:
                with archive.open(entry) as member:
                    while piece := member.read(_PIECE):
                        total += len(piece)
                        if total > most:
                            return {"bytes": total, "is_bomb": True, "is_broken": False}
    except (zipfile.BadZipFile, RuntimeError, ValueError, EOFError, OSError, NotImplementedError):
        return {"bytes": total, "is_bomb": False, "is_broken": True}
    except Exception as fault:  # zlib.error has no public base; anything else is damage as well
        return {"bytes": total, "is_bomb": False, "is_broken": True, "fault": type(fault).__name__}
    return {"bytes": total, "is_bomb": False, "is_broken": False}
