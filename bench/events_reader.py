"""A browser's end of many event streams, in one process."""

import asyncio
import json
import time
from typing import Any, Self

LINE_BYTES = 2**20


class Line:
    """One stream over one socket: plain bytes, so that the reader costs less than what it reads."""

    def __init__(self, port: int, *, cookie: str = "", last_id: int | None = None) -> None:
        self.port, self.cookie, self.last_id = port, cookie, last_id

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", self.port, limit=LINE_BYTES
        )
        head = "GET /live HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n"
        if self.cookie:
            head += f"cookie: {self.cookie}\r\n"
        if self.last_id is not None:
            head += f"last-event-id: {self.last_id}\r\n"
        self.writer.write(f"{head}\r\n".encode())
        status = (await self.reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1]
        assert status == b"200", status
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def message(self) -> tuple[dict[str, Any], float]:
        """Return the next message, and when it came.

        :raises EOFError: when the server ended the stream
        """
        while True:
            line = await self.reader.readline()
            if not line or line == b"0\r\n":
                raise EOFError
            if line.startswith(b"data: "):
                return json.loads(line[6:]), time.monotonic()

    async def until_ready(self) -> int:
        """Read until everything that was there has come; return where the stream stands."""
        while True:
            message, _came = await self.message()
            if message["kind"] == "ready":
                return int(message.get("seq", 0))
