"""How long a connection may dawdle: uvicorn's own protocol waits for headers for ever."""

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from atrium.kit.limits import LIMITS
from atrium.web.headers import secure_headers

# Said before it is known who asks and in which language, so in English.
_TOO_MUCH_HEAD = (
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "The headers of this request are larger than is taken here.",
)
_TOO_SLOW = (HTTPStatus.REQUEST_TIMEOUT, "This request did not arrive in time. Send it again.")


def _plain(status: HTTPStatus, sentence: str) -> bytes:
    body = f"{sentence}\n".encode()
    headers = {
        **secure_headers(),
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "Connection": "close",
    }
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        *(f"{name.lower()}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


class PatientConnection(HttpToolsProtocol):
    """Close what does not finish its headers in time, or stalls in the middle of its body.

    Given to ``uvicorn.Config(http=…)``.
    """

    header_seconds: float = LIMITS.header_seconds
    body_idle_seconds: float = LIMITS.body_idle_seconds
    head_bytes: int = LIMITS.header_bytes + LIMITS.target_bytes

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._in_body = False
        self._in_head = False
        self._head_seen = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._in_body and self._is_idle() and not self._in_head:
            self._expect_head()
        if self._in_head:
            self._head_seen += len(data)
            # A body may follow in the same piece; only what no parser finished counts against it.
            if self._head_seen - len(data) > self.head_bytes:
                self._end(*_TOO_MUCH_HEAD)
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._in_head:
            self._expect_head()

    def on_headers_complete(self) -> None:
        self._clear()
        self._in_head = False
        self._in_body = True
        super().on_headers_complete()
        self._expect_body()

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._expect_body()

    def on_message_complete(self) -> None:
        self._in_body = False
        self._clear()
        super().on_message_complete()

    def _is_idle(self) -> bool:
        # uvicorn's own annotation forgets that there is none before the first request.
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def _expect_head(self) -> None:
        self._in_head = True
        self._head_seen = 0
        self._clear()
        self._deadline = self.loop.call_later(self.header_seconds, self._end, *_TOO_SLOW)

    def _expect_body(self) -> None:
        self._clear()
        self._deadline = self.loop.call_later(self.body_idle_seconds, self._body_stalled)

    def _body_stalled(self) -> None:
        if self.flow.read_paused:
            # It is we who do not read: the application is busy with what came.
            self._expect_body()
        elif self.cycle.response_started:
            self._end()
        else:
            self._end(*_TOO_SLOW)

    def _clear(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end(self, status: HTTPStatus | None = None, sentence: str = "") -> None:
        """Close the connection, and say why unless an answer was already begun."""
        self._clear()
        if not self.transport.is_closing():
            if status:
                self.transport.write(_plain(status, sentence))
            self.transport.close()
