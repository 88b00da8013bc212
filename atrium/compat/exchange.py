"""One request under ``/v1`` and its answer: what came, and how it goes out."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from atrium.compat.errors import Headers, Told, told
from atrium.kit.errors import Refusal
from atrium.kit.offload import offload
from atrium.metering.standing import Standing
from atrium.people.attempts import Bound
from atrium.people.caller import NOBODY, Caller

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LARGE = 200_000  # bytes: what is read in a thread, not on the event loop
_ALWAYS: Headers = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
JSON = b"application/json"
EVENTS = b"text/event-stream; charset=utf-8"


class CallerLeft(Exception):
    """Nobody waits for the answer any more."""


@dataclass(eq=False)
class Exchange:
    """``id`` goes out as x-request-id, and is what the receipt is about."""

    id: UUID
    scope: Scope
    receive: Receive
    send: Send
    caller: Caller = NOBODY
    standing: Standing | None = None
    most_calls: Bound | None = None
    size: int = 0
    """How many bytes were sent, once they have been read."""
    more: Headers = field(default_factory=list)
    """Headers that each answer of it carries, once they are known."""
    has_begun: bool = False

    def header(self, wanted: bytes) -> str:
        for name, value in self.scope["headers"]:
            if name == wanted:
                text: str = value.decode("latin-1")
                return text
        return ""

    async def body(self) -> bytes:
        """Return what was sent; the guard has counted it.

        :raises CallerLeft: when the rest of it never comes
        """
        body = b"".join([piece async for piece in self.pieces()])
        self.size = len(body)
        return body

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield what is sent as it comes.

        :raises CallerLeft: when the rest of it never comes
        """
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise CallerLeft
            yield message.get("body", b"")
            if not message.get("more_body"):
                return

    async def left(self) -> None:
        """Return when the caller has gone."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def begin(
        self, status: int, *, kind: bytes, headers: Headers | None = None, length: int | None = None
    ) -> None:
        self.has_begun = True
        found = [(b"content-type", kind), (b"x-request-id", str(self.id).encode())]
        found += [*_ALWAYS, *self.more, *(headers or ())]
        if length is not None:
            found.append((b"content-length", b"%d" % length))
        await self.send({"type": "http.response.start", "status": status, "headers": found})

    async def give(self, body: bytes, *, more: bool = True) -> None:
        await self.send({"type": "http.response.body", "body": body, "more_body": more})

    async def answer(
        self, body: bytes, *, status: int = 200, kind: bytes = JSON, headers: Headers | None = None
    ) -> None:
        """Send a whole answer."""
        await self.begin(status, kind=kind, headers=headers, length=len(body))
        await self.give(body, more=False)

    async def answer_json(self, document: Mapping[str, Any]) -> None:
        await self.answer(json.dumps(document, ensure_ascii=False).encode())

    async def refuse(self, refusal: Refusal) -> None:
        """Say what we will not do: as the answer, or as the last event of a stream."""
        said: Told = told(refusal)
        if self.has_begun:
            await self.give(b"data: " + said.raw + b"\n\n", more=False)
        else:
            await self.answer(said.raw, status=said.status, headers=said.headers)


async def read_with(read: Callable[[bytes], Any], raw: bytes) -> Any:
    """Return ``read(raw)``, beside the event loop where that would take long."""
    return await offload(read, raw) if len(raw) > LARGE else read(raw)


async def while_there(exchange: Exchange, work: Awaitable[None]) -> None:
    """Do ``work`` as long as the caller waits for it; then it is cancelled, and settles itself.

    :raises CallerLeft: when they have gone
    """
    doing = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(exchange.left())
    try:
        await asyncio.wait({doing, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
        if not doing.done():
            doing.cancel()
    try:
        await doing
    except asyncio.CancelledError:
        raise CallerLeft from None
