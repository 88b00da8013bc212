"""Hints by PostgreSQL's NOTIFY, between all machines on one database.

They are sent after the commit from a connection beside the pool: a NOTIFY inside a transaction
makes all such commits wait for each other while the log is written to disk.
"""

from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connections

from atrium.kit.carriers.outbox import Hint, Outbox
from atrium.kit.carriers.protocol import PassOn, Stop

_PREFIX = "atrium_"
_LOOK_SECONDS = 20.0


class Postgres:
    def __init__(self) -> None:
        self._outbox = Outbox(self._deliver)
        self._sending: psycopg.Connection[Any] | None = None
        self._sending_to: object = None

    def send(self, topic: str, text: str) -> None:
        """Hand the hint to the thread that sends."""
        self._outbox.put(topic, text)

    def close(self) -> None:
        """Send what waits, and hang up."""
        self._outbox.close()
        self._hang_up()

    def listen(
        self,
        topics: frozenset[str],
        pass_on: PassOn,
        connected: Callable[[], None],
        stop: Stop,
    ) -> None:
        """Listen until told to stop; trouble with the connection is raised."""

        with psycopg.connect(**_parameters()) as line:
            # For those that arrive in the middle of one of our own statements.
            line.add_notify_handler(lambda one: pass_on(_topic(one.channel), one.payload))
            for topic in sorted(topics):
                line.execute(f'LISTEN "{_PREFIX}{topic}"')
            connected()
            while not stop.is_set():
                if stop.wait_beside(line.fileno(), _LOOK_SECONDS):
                    line.pgconn.consume_input()
                elif not stop.is_set():
                    line.execute("SELECT 1")  # a line that died in silence raises here
                while heard := line.pgconn.notifies():
                    pass_on(_topic(heard.relname.decode()), heard.extra.decode())

    def _deliver(self, hints: list[Hint]) -> None:
        try:
            self._send_all(hints)
        except psycopg.OperationalError:
            # The server may have been started anew since the last hint: once more, on a new line.
            self._hang_up()
            self._send_all(hints)

    def _send_all(self, hints: list[Hint]) -> None:
        line = self._line()
        line.execute(
            "SELECT pg_notify(c, p) FROM unnest(%s::text[], %s::text[]) AS hint(c, p)",
            [[_PREFIX + topic for topic, _text in hints], [text for _topic, text in hints]],
        )

    def _line(self) -> psycopg.Connection[Any]:
        parameters = _parameters()
        where = [parameters.get(part) for part in ("dbname", "host", "port", "user")]
        if self._sending is None or self._sending.closed or where != self._sending_to:
            self._hang_up()
            self._sending, self._sending_to = psycopg.connect(**parameters), where
        return self._sending

    def _hang_up(self) -> None:
        if self._sending is not None:
            self._sending.close()
        self._sending = None


def _topic(channel: str) -> str:
    return channel.removeprefix(_PREFIX)


def _parameters() -> dict[str, Any]:
    known = connections["default"].get_connection_params()
    for ours in ("context", "cursor_factory", "prepare_threshold"):
        known.pop(ours, None)
    known.setdefault("connect_timeout", 5)
    return {**known, "autocommit": True, "application_name": "atrium bell", **_KEEP_ALIVE}


_KEEP_ALIVE = {"keepalives_idle": 20, "keepalives_interval": 5, "keepalives_count": 3}
