"""The browser's end of a stream: without a socket, so that a test holds both ends."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Self

from atrium.events.actions import tell
from atrium.events.hub import Hub
from atrium.events.stream import EventStream
from atrium.kit import clock
from atrium.kit.offload import offload

PATIENCE = 30


async def whoever_says(scope: Any) -> str | None:
    """Believe what the cookie says: it is the audience itself."""
    return dict(scope["headers"]).get(b"cookie", b"").decode() or None


def parse(block: str) -> dict[str, Any] | None:
    """Return one message of a stream, its id among what it says; None for a mere comment."""
    found: dict[str, Any] = {}
    for line in block.split("\n"):
        name, _, value = line.partition(": ")
        if name == "data":
            found |= json.loads(value)
        elif name in {"id", "retry"}:
            found[name] = int(value)
    return found or None


class Reader:
    """One open stream. ``messages`` has all that came, ``seqs`` the numbers of what was stored."""

    def __init__(
        self,
        app: EventStream,
        audience: str,
        *,
        after: int | None = None,
        last_id: int | None = None,
        path: str = "/live",
    ) -> None:
        headers = [(b"cookie", audience.encode())]
        if last_id is not None:
            headers.append((b"last-event-id", str(last_id).encode()))
        self.scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": b"" if after is None else b"after=%d" % after,
            "headers": headers,
        }
        self.status = 0
        self.messages: list[dict[str, Any]] = []
        self.is_reading = asyncio.Event()
        self.is_reading.set()
        self.has_ended = False
        self._app = app
        self._rest = ""
        self._came = asyncio.Event()
        self._left = asyncio.Event()
        self._asked = False

    @property
    def seqs(self) -> list[int]:
        return [one["seq"] for one in self.messages if one.get("kind") not in {"ready", None}]

    @property
    def kinds(self) -> list[str]:
        return [one["kind"] for one in self.messages if "kind" in one]

    @property
    def last_id(self) -> int | None:
        ids = [one["id"] for one in self.messages if "id" in one]
        return ids[-1] if ids else None

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(self._app(self.scope, self._receive, self._send))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._left.set()
        await asyncio.wait_for(self.task, PATIENCE)

    async def until(self, comes: Callable[["Reader"], object]) -> None:
        """Wait until what came makes ``comes`` true."""
        async with asyncio.timeout(PATIENCE):
            while not comes(self):
                self._came.clear()
                await self._came.wait()

    async def until_ready(self) -> None:
        await self.until(lambda reader: "ready" in reader.kinds)

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await self.is_reading.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            *blocks, self._rest = (self._rest + message["body"].decode()).split("\n\n")
            self.messages += [found for found in map(parse, blocks) if found]
            if not message.get("more_body"):
                self.has_ended = True
                self._left.set()  # a server says so to who receives after the end
        self._came.set()


@asynccontextmanager
async def hub_running(**options: bool) -> AsyncIterator[Hub]:
    hub = Hub(**options)
    await hub.start()
    try:
        yield hub
    finally:
        await hub.stop()


def stream_of(hub: Hub) -> EventStream:
    return EventStream(whoever_says, hub)


async def told(audience: str, count: int = 1, **payload: Any) -> None:
    """Tell from another thread, as a request does."""

    def tell_them_all() -> None:
        for _number in range(count):
            tell(audience, "note", payload, at=clock.now())

    await offload(tell_them_all)
