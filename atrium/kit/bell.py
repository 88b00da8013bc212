"""Hints between processes: "look again", or a few words of text in flight.

A hint may be lost, doubled or late; whoever waits for one also looks by the clock.
"""

import json
import logging
import random
import threading
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.db import connection

from atrium.kit.carriers.loopback import Loopback
from atrium.kit.carriers.postgres import Postgres
from atrium.kit.carriers.protocol import Carrier, Stop, checked_topic
from atrium.kit.limits import LIMITS

Hear = Callable[[str, dict[str, Any] | None], None]

_log = logging.getLogger(__name__)
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 5.0
_instead: Carrier | None = None


def ring(topic: str, message: dict[str, Any] | None = None) -> None:
    """Tell every :class:`Ear` on this topic, in every process, once the transaction commits.

    Never raises for trouble on the way and never waits for the network, so that it may be called
    on an event loop. A message too large to carry is dropped and the bell rings without it.
    """
    text = "" if message is None else json.dumps(message, ensure_ascii=False, default=str)
    sent = text.encode("utf-8", "replace")
    text = sent.decode() if len(sent) <= LIMITS.bell_bytes else ""
    send = partial(_send, checked_topic(topic), text)
    if connection.in_atomic_block:
        connection.on_commit(send, robust=True)
    else:
        send()


def use(carrier: Carrier | None) -> None:
    """Carry hints by ``carrier`` instead (a test's silence), or as configured when it is None."""
    global _instead  # noqa: PLW0603
    _instead = carrier


def hang_up() -> None:
    """Let go of what this process rings with: before a fork, a database dropped, or the end."""
    _carrier().close()


class Ear:
    """Calls ``hear(topic, message)`` for each hint, in a thread of its own.

    ``hear("*", None)`` comes after each connection made: what rang before then was not heard.
    """

    def __init__(self, topics: Iterable[str], hear: Hear) -> None:
        self._topics = frozenset(checked_topic(topic) for topic in topics)
        self._hear = hear
        self._stop = Stop()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bell-ear", daemon=True)

    def start(self) -> None:
        """Begin to listen; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and wait until the thread is gone."""
        self._stop.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def wait_until_listening(self, seconds: float) -> bool:
        """Tell whether the ear was connected within this time; for tests and for starting up."""
        return self._listening.wait(seconds)

    def _run(self) -> None:
        wait = _FIRST_WAIT
        while not self._stop.is_set():
            self._listening.clear()
            try:
                _carrier().listen(self._topics, self._pass_on, self._connected, self._stop)
            except Exception as trouble:  # whatever a carrier meets is trouble outside
                _log.warning("The bell's carrier is gone: %s", trouble)
            if self._listening.is_set():
                wait = _FIRST_WAIT
            self._stop.wait(wait * random.uniform(0.5, 1))  # noqa: S311
            wait = min(wait * 2, _LONGEST_WAIT)
        self._stop.close()

    def _connected(self) -> None:
        self._listening.set()
        self._call("*", None)

    def _pass_on(self, topic: str, text: str) -> None:
        try:
            message = json.loads(text) if text else None
        except ValueError:
            message = None
        self._call(topic, message if isinstance(message, dict) else None)

    def _call(self, topic: str, message: dict[str, Any] | None) -> None:
        try:
            self._hear(topic, message)
        except Exception:
            _log.exception("A listener failed on the bell's topic %s.", topic)


def _send(topic: str, text: str) -> None:
    try:
        _carrier().send(topic, text)
    except Exception as trouble:
        _log.warning("The bell did not ring for %s: %s", topic, trouble)


def _carrier() -> Carrier:
    return _instead or _configured()


@cache
def _configured() -> Carrier:
    if settings.ATRIUM.redis_url:
        from atrium.kit.carriers.redis import Redis  # noqa: PLC0415 - 20 MB that few need

        return Redis(settings.ATRIUM.redis_url)
    if connection.vendor == "postgresql":
        return Postgres()
    return Loopback(settings.DATA / "bells")
