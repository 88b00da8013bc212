"""Sends hints from a thread of its own, so that nobody who rings waits for the network."""

import logging
import os
import threading
from collections.abc import Callable

_MOST = 10_000
_TOGETHER = 500
# Hints that follow at once travel together: each one alone would wake every process that listens.
_BREATH_SECONDS = 0.003
_log = logging.getLogger(__name__)

Hint = tuple[str, str]


class Outbox:
    """A bounded queue and the daemon thread that empties it, several hints at a time."""

    def __init__(self, deliver: Callable[[list[Hint]], None]) -> None:
        self._deliver = deliver
        self._thread: threading.Thread | None = None
        self._waiting: dict[tuple[int, str, str], None] = {}
        self._begin()
        # A forked child has no thread, and perhaps a lock that nobody will ever give back.
        os.register_at_fork(after_in_child=self._begin)

    def put(self, topic: str, text: str) -> None:
        """Queue one hint; one without words that waits already is not queued twice."""
        with self._wake:
            if self._thread is None:
                self._closed.clear()
                self._thread = threading.Thread(target=self._run, name="bell-outbox", daemon=True)
                self._thread.start()
            if len(self._waiting) < _MOST:
                self._count += 1
                self._waiting[self._count if text else -1, topic, text] = None
                self._wake.notify()

    def close(self) -> None:
        """Send what waits and end the thread; the next hint begins another."""
        with self._wake:
            thread, self._thread = self._thread, None
            self._closed.set()
            self._wake.notify()
        if thread is not None:
            thread.join()

    def _begin(self) -> None:
        self._wake = threading.Condition()
        self._waiting = {}
        self._count = 0
        self._closed = threading.Event()
        self._thread = None

    def _run(self) -> None:
        while hints := self._next():
            try:
                self._deliver(hints)
            except Exception as trouble:
                _log.warning("%d hints of the bell were lost: %s", len(hints), trouble)
            self._closed.wait(_BREATH_SECONDS)

    def _next(self) -> list[Hint]:
        with self._wake:
            while not self._waiting and not self._closed.is_set():
                self._wake.wait()
            keys = list(self._waiting)[:_TOGETHER]
            for key in keys:
                del self._waiting[key]
            return [(topic, text) for _count, topic, text in keys]
