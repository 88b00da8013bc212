"""What the bell asks of a carrier."""

import re
import select
import socket
import threading
from collections.abc import Callable
from typing import Protocol

_TOPIC = re.compile(r"[a-z][a-z0-9_]{0,30}")

PassOn = Callable[[str, str], None]


class Stop:
    """An event that a thread can wait for together with a socket."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._reading, self._writing = socket.socketpair()

    def set(self) -> None:
        if not self._event.is_set():
            # The byte first: whoever wakes by the event may close the sockets at once.
            self._writing.send(b".")
            self._event.set()

    def is_set(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        return self._event.wait(seconds)

    def wait_beside(self, descriptor: int, seconds: float) -> bool:
        """Wait until the descriptor can be read, this is set, or time is up; True in the first."""
        watch = select.poll()
        watch.register(descriptor, select.POLLIN)
        watch.register(self._reading, select.POLLIN)
        ready = {found for found, _what in watch.poll(seconds * 1000)}
        return descriptor in ready and not self._event.is_set()

    def close(self) -> None:
        """Give the sockets back, once nobody waits any more."""
        self._event.set()
        self._reading.close()
        self._writing.close()


class Carrier(Protocol):
    def send(self, topic: str, text: str) -> None:
        """Send without waiting for the network; losing it is allowed."""

    def close(self) -> None:
        """Let go of sockets and threads; the next hint takes them again."""

    def listen(
        self,
        topics: frozenset[str],
        pass_on: PassOn,
        connected: Callable[[], None],
        stop: Stop,
    ) -> None:
        """Call ``connected`` once, then ``pass_on`` for each hint, until ``stop`` or trouble."""


def checked_topic(topic: str) -> str:
    """Return the topic, a short word that every carrier can name a channel after."""
    if not _TOPIC.fullmatch(topic):
        raise ValueError(f"A topic is a short word in small letters, not {topic!r}.")
    return topic
