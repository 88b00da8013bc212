"""The other side of ``kit.child``: what the fresh process does first, and what a task may call.

Nothing here imports Django; a task does if it must.
"""

import ctypes
import errno
import importlib
import json
import os
import resource
import signal
import struct
import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from atrium.kit import child_walls
from atrium.kit.errors import Refusal

HEAD = struct.Struct(">I")

_PARENT_DIED = 1  # PR_SET_PDEATHSIG
_say_to = -1
_standing: dict[str, bool] = {}


class Unreadable(Exception):
    """What was given cannot be read; ``reason`` is a short code that the parent puts in words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def progress(done: int, total: int, note: str = "") -> None:
    """Tell the parent how far the task is."""
    _say({"progress": [done, total, note]})


def walls(_argument: dict[str, Any]) -> dict[str, bool]:
    """Return which walls stand around this process."""
    return _standing


def framed(message: dict[str, Any]) -> bytes:
    """Return the message as it goes over a pipe: its length, then JSON."""
    body = json.dumps(message).encode()
    return HEAD.pack(len(body)) + body


def main(parent: int) -> NoReturn:
    """Read one order, put up the walls, run it, answer, end."""
    global _say_to  # noqa: PLW0603
    _end_with(parent)
    # What a library prints must not be taken for an answer.
    _say_to = os.dup(1)
    os.dup2(2, 1)
    (length,) = HEAD.unpack(_read(HEAD.size))
    order = json.loads(_read(length))
    spare = bytearray(4_000_000)
    _bound(order["bounds"], order["files"])
    _standing.update(child_walls.put_up())
    try:
        answer = {"done": _task(order["task"])(order["argument"])}
    except MemoryError:
        del spare
        answer = {"limit": "memory"}
    except (Unreadable, Refusal) as refused:
        answer = {"refused": refused.reason if isinstance(refused, Unreadable) else refused.code}
    except BaseException as failure:  # whatever a parser throws
        answer = _failed(failure)
    _finish(answer)


def _finish(answer: dict[str, Any]) -> NoReturn:
    try:
        _say(answer)
    except MemoryError:
        _say({"limit": "memory"})
    sys.stdout.flush()
    # Not through the interpreter's own end: a parser's leftovers may hang or crash in it.
    os._exit(0)


def _failed(failure: BaseException) -> dict[str, Any]:
    if isinstance(failure, OSError) and failure.errno == errno.EFBIG:
        return {"limit": "file"}
    return {"failed": "".join(traceback.format_exception(failure, limit=-8))[-4_000:]}


def _task(name: str) -> Callable[[dict[str, Any]], Any]:
    module, _colon, function = name.partition(":")
    found: Callable[[dict[str, Any]], Any] = getattr(importlib.import_module(module), function)
    return found


def _end_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DIED, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _bound(bounds: dict[str, int], files: int) -> None:
    os.nice(10)
    for what, most in (
        (resource.RLIMIT_AS, bounds["memory"]),
        (resource.RLIMIT_FSIZE, bounds["file"]),
        (resource.RLIMIT_NOFILE, files),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    # First the signal that says which limit it was, then the one that cannot be caught.
    resource.setrlimit(resource.RLIMIT_CPU, (bounds["cpu"], bounds["cpu"] + 2))


def _read(length: int) -> bytes:
    found = b""
    while len(found) < length:
        piece = os.read(0, min(length - len(found), 1_000_000))
        if not piece:
            os._exit(1)
        found += piece
    return found


def _say(message: dict[str, Any]) -> None:
    rest = memoryview(framed(message))
    while rest:
        rest = rest[os.write(_say_to, rest) :]
