"""Runs what reads strangers' files in a fresh process with bounds, so that a bomb is its own."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from atrium.kit.child_main import HEAD, framed
from atrium.kit.limits import LIMITS
from atrium.kit.text import normal

Progress = Callable[[int, int, str], None]

_ROOT = Path(__file__).resolve().parents[2]
_ENTRY = (
    "import sys; sys.path.insert(0, sys.argv[1]);"
    " from atrium.kit.child_main import main; main(int(sys.argv[2]))"
)
_PIECE = 65_536
_WORDS_KEPT = 4_000
_turns = threading.BoundedSemaphore(LIMITS.children)


class ChildRefused(Exception):
    """The task said that this cannot be read; ``reason`` is its short code, no sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ChildLimit(Exception):
    """The task went over a bound: ``memory``, ``cpu``, ``wall``, ``answer`` or ``file``."""

    def __init__(self, which: str) -> None:
        super().__init__(which)
        self.which = which


class ChildDied(Exception):
    """The process ended without an answer; ``code`` is its status, negative for a signal."""

    def __init__(self, code: int, words: str = "") -> None:
        words = normal(words)  # they are written down, and PostgreSQL takes no NUL
        super().__init__(f"The child ended with {code}. {words}".strip())
        self.code = code
        self.words = words


def run(
    task: str,
    argument: dict[str, Any],
    *,
    memory_bytes: int = LIMITS.child_memory_bytes,
    cpu_seconds: int = LIMITS.child_cpu_seconds,
    wall_seconds: float = LIMITS.child_wall_seconds,
    on_progress: Progress | None = None,
) -> Any:
    """Return what the function ``task`` (``"module.path:function"``) makes of ``argument``.

    It runs without network, environment, or the power to start or signal processes. It gets paths
    and opens them itself. It tells how far it is by ``child_main.progress``, and refuses by
    raising ``child_main.Unreadable``. What ``on_progress`` raises ends it.

    :raises ChildRefused: when the task refused
    :raises ChildLimit: when it went over a bound
    :raises ChildDied: when it failed in any other way
    """
    bounds = {"memory": memory_bytes, "cpu": cpu_seconds, "file": LIMITS.child_file_bytes}
    order = {"task": task, "argument": argument, "bounds": bounds, "files": LIMITS.child_open_files}
    with _turns, _started() as process:
        try:
            return _Talk(process, wall_seconds, on_progress).answer(framed(order))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def confinement() -> dict[str, bool]:
    """Return which walls stand around a child on this machine; for the doctor."""
    found: dict[str, bool] = run("atrium.kit.child_main:walls", {}, wall_seconds=20)
    return found


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter and our own entry
        [sys.executable, "-I", "-X", "utf8", "-c", _ENTRY, str(_ROOT), str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        cwd="/",
        start_new_session=True,
    )


class _Talk:
    """What is said over the pipes until the answer, the end, or the time is up."""

    def __init__(
        self, process: subprocess.Popen[bytes], wall_seconds: float, on_progress: Progress | None
    ) -> None:
        self._process = process
        self._until = time.monotonic() + wall_seconds
        self._on_progress = on_progress
        self._heard = bytearray()
        self._total = 0
        self._words = b""
        self._order = memoryview(b"")

    def answer(self, order: bytes) -> Any:
        self._order = memoryview(order)
        assert self._process.stdin
        assert self._process.stdout
        assert self._process.stderr
        os.set_blocking(self._process.stdin.fileno(), False)
        with selectors.DefaultSelector() as watch:
            watch.register(self._process.stdin, selectors.EVENT_WRITE, self._tell)
            watch.register(self._process.stdout, selectors.EVENT_READ, self._hear)
            watch.register(self._process.stderr, selectors.EVENT_READ, self._keep_words)
            while watch.get_map():
                left = self._until - time.monotonic()
                if left <= 0:
                    raise ChildLimit("wall")
                for key, _events in watch.select(left):
                    if not key.data(key.fd):
                        watch.unregister(key.fileobj)
                for message in self._messages():
                    if "done" in message:
                        return message["done"]
                    self._judge(message)
        raise self._ended()

    def _tell(self, descriptor: int) -> bool:
        try:
            self._order = self._order[os.write(descriptor, self._order[:_PIECE]) :]
        except BrokenPipeError:
            return False
        return bool(self._order)

    def _hear(self, descriptor: int) -> bool:
        piece = os.read(descriptor, _PIECE)
        self._heard += piece
        self._total += len(piece)
        if self._total > LIMITS.child_answer_bytes:
            raise ChildLimit("answer")
        return bool(piece)

    def _keep_words(self, descriptor: int) -> bool:
        piece = os.read(descriptor, _PIECE)
        self._words = (self._words + piece)[-_WORDS_KEPT:]
        return bool(piece)

    def _messages(self) -> list[dict[str, Any]]:
        found = []
        while len(self._heard) >= HEAD.size:
            (length,) = HEAD.unpack_from(self._heard)
            if length > LIMITS.child_answer_bytes:
                raise ChildLimit("answer")
            if len(self._heard) < HEAD.size + length:
                break
            body = bytes(self._heard[HEAD.size : HEAD.size + length])
            del self._heard[: HEAD.size + length]
            found.append(_message(body))
        return found

    def _judge(self, message: dict[str, Any]) -> None:
        if "refused" in message:
            raise ChildRefused(str(message["refused"])[:100])
        if "limit" in message:
            raise ChildLimit(str(message["limit"])[:20])
        if "failed" in message:
            raise ChildDied(1, str(message["failed"])[-_WORDS_KEPT:])
        if "progress" in message and self._on_progress:
            done, total, note = message["progress"]
            self._on_progress(int(done), int(total), normal(str(note))[:200])

    def _ended(self) -> Exception:
        try:
            code = self._process.wait(max(0.0, self._until - time.monotonic()))
        except subprocess.TimeoutExpired:
            return ChildLimit("wall")
        if code == -signal.SIGXCPU:
            return ChildLimit("cpu")
        return ChildDied(code, self._words.decode("utf-8", "replace"))


def _message(body: bytes) -> dict[str, Any]:
    # The child may have been taken over by what it read: nothing that it says is taken on trust.
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise ChildDied(1, "It said something that is no message.")
    return message
