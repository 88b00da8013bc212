"""Hints by Redis's publish and subscribe, between all machines that share it."""

from collections.abc import Callable
from typing import Any

import redis

from atrium.kit.carriers.outbox import Hint, Outbox
from atrium.kit.carriers.protocol import PassOn, Stop
from atrium.kit.secrets import derived

_LOOK_SECONDS = 0.5


class Redis:
    def __init__(self, address: str) -> None:
        self._address = address
        self._outbox = Outbox(self._deliver)
        self._sending: redis.Redis | None = None

    def send(self, topic: str, text: str) -> None:
        """Hand the hint to the thread that sends."""
        self._outbox.put(topic, text)

    def close(self) -> None:
        """Send what waits, and hang up."""
        self._outbox.close()
        if self._sending is not None:
            self._sending.close()
            self._sending = None

    def listen(
        self,
        topics: frozenset[str],
        pass_on: PassOn,
        connected: Callable[[], None],
        stop: Stop,
    ) -> None:
        """Listen until told to stop; trouble with the connection is raised."""
        with _client(self._address) as client, client.pubsub() as line:
            line.subscribe(*[_channel(topic) for topic in sorted(topics)])
            confirmed = 0
            while not stop.is_set():
                heard = line.get_message(timeout=_LOOK_SECONDS)
                if heard is None:
                    continue
                if heard["type"] == "subscribe":
                    confirmed += 1
                    # More confirmations mean that the client connected anew by itself.
                    if confirmed % len(topics) == 0:
                        connected()
                elif heard["type"] == "message":
                    topic = heard["channel"].decode().rpartition(":")[2]
                    pass_on(topic, heard["data"].decode())

    def _deliver(self, hints: list[Hint]) -> None:
        if self._sending is None:
            self._sending = _client(self._address)
        with self._sending.pipeline(transaction=False) as together:
            for topic, text in hints:
                together.publish(_channel(topic), text)
            together.execute()


def _client(address: str) -> Any:
    return redis.Redis.from_url(
        address,
        health_check_interval=15,
        socket_connect_timeout=5,
        socket_timeout=5,
    )


def _channel(topic: str) -> str:
    # Channels have no database number: the key's own mark keeps two installations apart.
    return f"atrium:{derived('bell channels').hex()[:12]}:{topic}"
