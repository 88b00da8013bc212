"""An engine's server on loopback: real HTTP, which misbehaves as a test tells it to.

``upstream.does`` is what it does next and from then on; its journal says what it was asked and how
each answer ended. It speaks the protocol whose path it is asked at: OpenAI's, Anthropic's or
Gemini's.
"""

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from tests.house import upstream_faces as faces

WORDS = ("Leaves", "are", "green", "because", "they", "reflect", "green", "light", ".")
END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True)
class Does:
    """How it answers: well, unless something is said here."""

    words: tuple[str, ...] = WORDS
    status: int = 200
    says: str = ""  # in the error, when the status is one
    headers: tuple[tuple[str, str], ...] = ()
    usage: Any = field(default_factory=lambda: {"prompt_tokens": 20, "completion_tokens": 12})
    cut_after: int | None = None  # words, then the line is dropped
    error_after: int | None = None  # words, then a frame that tells of an error
    raw: tuple[bytes, ...] | None = None  # instead of a stream: these pieces of a body
    whole_bytes: int | None = None  # what the head says that a stream has
    forever: bytes | None = None  # then this piece of a body, until the other side goes
    body: str | None = None  # instead of an answer that is no stream
    is_late: bool = False  # nothing at all before ``go_on``
    thinks: str = ""
    calls: tuple[tuple[str, str], ...] = ()  # tools it calls in the end, with the arguments
    without_end: bool = False
    pause_after: int | None = None  # pieces, then it waits for ``go_on``
    times: int | None = None  # so often, then well again


@dataclass
class Asked:
    """A question that came, and how its answer ended."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    sent: int = 0
    ended: str = "running"  # "whole", "cut", "left" when the other side went


class Upstream:
    """A server in a thread of its own."""

    def __init__(self) -> None:
        self.does = Does()
        self.asked: list[Asked] = []
        self.models = ["green-1", "vendor/blue:8b"]
        self.models_status = 200
        self.left = threading.Event()  # somebody went in the middle of an answer
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(10)

    def go_on(self) -> None:
        """Let those that pause go on, and nobody pause any more."""
        self._loop.call_soon_threadsafe(self._going_on.set)

    def stop(self) -> None:
        self.go_on()
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self._going_on = asyncio.Event()
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        async with server:
            await self._over.wait()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while asked := await _read(reader):
                    self.asked.append(asked)
                    if not await self._answer(asked, reader, writer):
                        break
        finally:
            writer.close()  # a line that is kept open, too, when this ends

    def _next(self) -> Does:
        does = self.does
        if does.times is not None:
            left = does.times - 1
            self.does = replace(does, times=left) if left else Does()
        return does

    async def _answer(
        self, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer, and return whether the line may be used again."""
        if asked.path.endswith("/models"):
            told = faces.models_as(asked.headers, self.models)
            return await _send(writer, self.models_status, told)
        does = self._next()
        if does.is_late:
            await self._going_on.wait()
        told_to_say = None if faces.is_streamed(asked) else does.body
        if does.status < 300 and (made := told_to_say or _besides(asked)):
            asked.ended = "whole"
            return await _send(writer, 200, made)
        if does.status >= 300:
            error = faces.error_as(asked.path, does)
            asked.ended = "whole"
            return await _send(writer, does.status, error, does.headers)
        if not faces.is_streamed(asked):
            asked.ended = "whole"
            return await _send(writer, 200, faces.whole(asked, does))
        gone = asyncio.ensure_future(reader.read(1))
        try:
            return await self._stream(asked, does, writer, gone)
        except ConnectionError:
            asked.ended = "left"
            self.left.set()
            return False
        finally:
            gone.cancel()

    async def _stream(
        self,
        asked: Asked,
        does: Does,
        writer: asyncio.StreamWriter,
        gone: "asyncio.Future[bytes]",
    ) -> bool:
        head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n"
        head += f"content-length: {does.whole_bytes}\r\n" if does.whole_bytes else ""
        writer.write(head.encode() + b"\r\n")
        for piece in faces.pieces_of(asked, does):
            if asked.sent == does.pause_after:
                waiting = asyncio.ensure_future(self._going_on.wait())
                both: set[asyncio.Future[Any]] = {waiting, gone}
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
            if gone.done():
                asked.ended = "left"
                self.left.set()
                return False
            writer.write(piece)
            await writer.drain()
            asked.sent += 1
            await asyncio.sleep(0)
        asked.ended = "whole" if does.cut_after is None else "cut"
        return False


def _besides(asked: Asked) -> dict[str, Any] | str | None:
    """Return what it makes besides answers: vectors, as numbers whatever is asked, pictures, and
    what it heard."""
    if asked.path.endswith("/embeddings"):
        given = asked.body.get("input")
        texts = given if isinstance(given, list) else [given]
        rows = [
            {"object": "embedding", "index": at, "embedding": [0.5, -1.0, at]}
            for at in range(len(texts))
        ]
        usage = {"prompt_tokens": 8, "total_tokens": 8}
        return {"object": "list", "data": rows, "model": asked.body["model"], "usage": usage}
    if asked.path.endswith("/images/generations"):
        return {"created": 1, "data": [{"b64_json": "UE5H"}] * asked.body.get("n", 1)}
    if "/audio/trans" in asked.path:
        return faces.written_down(asked.body["form"])
    return None


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    head = await reader.readuntil(END_OF_HEAD)
    first, *lines = head.decode("latin-1").splitlines()
    headers = {
        name.strip().lower(): value.strip()
        for name, _colon, value in (line.partition(":") for line in lines if line)
    }
    raw = await reader.readexactly(int(headers.get("content-length", 0)))
    is_form = headers.get("content-type", "").startswith("multipart/")
    body = {"form": raw.decode("latin-1")} if is_form else json.loads(raw or b"{}")
    return Asked(first.split()[1].partition("?")[0], headers, body)


async def _send(
    writer: asyncio.StreamWriter,
    status: int,
    told: Any,
    headers: tuple[tuple[str, str], ...] = (),
) -> bool:
    is_text = isinstance(told, str)
    body = told.encode() if is_text else json.dumps(told).encode()
    lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}"]
    kind = "text/plain" if is_text else "application/json"
    lines += [f"content-type: {kind}", *(f"{name}: {value}" for name, value in headers)]
    writer.write("\r\n".join(lines).encode() + END_OF_HEAD + body)
    await writer.drain()
    return True


@contextmanager
def upstream() -> Iterator[Upstream]:
    """Serve until the test ends."""
    served = Upstream()
    served.start()
    try:
        yield served
    finally:
        served.stop()
