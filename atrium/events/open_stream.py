import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from atrium.events import sse

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

ROOM_BYTES = 64_000  # waiting for a slow reader; more is read from the database when it caught up


class OpenStream:
    """One browser's connection: what it was sent, and what waits to be.

    Idle it costs one task, the one that notices the browser leaving; a writer runs only while
    there is something to write.
    """

    __slots__ = (
        "_dropped",
        "_on_room",
        "_send",
        "_task",
        "_waiting",
        "_waiting_bytes",
        "_writer",
        "ask_again",
        "audience",
        "checked_at",
        "head",
        "is_ready",
        "last_bytes",
        "sent",
        "stuck_since",
        "wrote_at",
    )

    def __init__(
        self,
        *,
        audience: str,
        after: int | None,
        send: Send,
        ask_again: Callable[[], Awaitable[str | None]],
    ) -> None:
        self.audience = audience
        self.ask_again = ask_again  # whose stream this is, going by the same cookies, now
        self.sent = after  # the last number put in line; None until we know where it begins
        self.head = 0  # the highest number we know of
        self.is_ready = False  # whether it has all that was there when it came
        self.last_bytes: bytes | None = None  # set when the stream is to end
        now = asyncio.get_running_loop().time()
        self.wrote_at = self.checked_at = now
        self.stuck_since = 0.0
        self._send = send
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._writer: asyncio.Task[None] | None = None
        self._task: asyncio.Task[Any] | None = None
        self._on_room: Callable[[OpenStream], None] | None = None
        self._dropped = False

    @property
    def is_over(self) -> bool:
        return self.last_bytes is not None

    @property
    def has_room(self) -> bool:
        return self._waiting_bytes < ROOM_BYTES

    @property
    def is_behind(self) -> bool:
        return self.sent is not None and self.head > self.sent

    def offer(self, seq: int, message: bytes) -> bool:
        """Put a stored event in line if it is the very next; False when one before is missing."""
        assert self.sent is not None
        if seq == self.sent + 1:
            self.sent = seq
            self.put(message)
        return seq <= self.sent

    def begin_anew_at(self, seq: int) -> None:
        self.sent = seq
        self.put(sse.reset(seq))

    def say_ready(self) -> None:
        self.is_ready = True
        self.put(sse.ready(self.sent or 0))

    def put(self, message: bytes) -> None:
        """Put bytes in line, whatever is there already."""
        if self.is_over:
            return
        self._waiting.append(message)
        self._waiting_bytes += len(message)
        self._write_on()

    def end(self, last: bytes = b"") -> None:
        """Send what waits and ``last``, and close."""
        if not self.is_over:
            self.last_bytes = last
            self._write_on()

    def drop(self) -> None:
        """Give up on a reader that does not read."""
        self.last_bytes = b""
        self._dropped = True
        if self._task:
            self._task.cancel()

    async def serve(self, receive: Receive, *, on_room: "Callable[[OpenStream], None]") -> None:
        """Last until the browser leaves, or until we end or drop it."""
        self._task, self._on_room = asyncio.current_task(), on_room
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        except asyncio.CancelledError:
            if not self._dropped or self._task is None:
                raise
            self._task.uncancel()
        finally:
            self.last_bytes = b""
            if self._writer:
                self._writer.cancel()
            self._task = None

    def _write_on(self) -> None:
        if self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._waiting:
                body = b"".join(self._waiting)
                self._waiting.clear()
                await self._write_body(body, more=True)
                self._waiting_bytes -= len(body)
            if self.last_bytes is not None:
                await self._write_body(self.last_bytes, more=False)
        except OSError:
            return  # gone; ``serve`` hears of it as well
        finally:
            self._writer = None
        if self._on_room:
            self._on_room(self)

    async def _write_body(self, body: bytes, *, more: bool) -> None:
        loop = asyncio.get_running_loop()
        self.stuck_since = loop.time()
        await self._send({"type": "http.response.body", "body": body, "more_body": more})
        self.stuck_since = 0.0
        self.wrote_at = loop.time()
