"""An engine on loopback that writes slowly, and a journal of each piece it wrote and when.

What is asked is a mark, such as ``chat-17 x40``: it answers with 40 pieces of four letters, a token
each by our own count. A line that was given up is noted by where it stopped.
"""

import asyncio
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

PROMPT_TOKENS = 9
MODEL = "slow-1"
GAP = 0.04
_MARK = re.compile(r"([a-z]+-\d+) x(\d+)")


def piece(number: int) -> str:
    return f"{number:03d} "


def written(pieces: int) -> str:
    """Return the text that so many pieces are."""
    return "".join(map(piece, range(pieces)))


@dataclass
class Entry:
    """One question, and when each piece of its answer was written, by the clock of the machine."""

    mark: str
    wanted: int
    is_stream: bool
    times: list[float] = field(default_factory=list)
    is_whole: bool = False


class Journal:
    """A server in a thread of its own; ``allowed`` holds it back where a test wants that."""

    def __init__(self, *, gap: float = GAP) -> None:
        self.gap = gap
        self.entries: dict[str, list[Entry]] = {}
        self.allowed: int | None = None
        self.port = 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def of(self, mark: str) -> list[Entry]:
        return self.entries.get(mark, [])

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        application = web.Application()
        application.router.add_post("/v1/chat/completions", self._answer)
        runner = web.AppRunner(
            application, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        await self._over.wait()
        await runner.cleanup()

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        self.allowed = None
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        found = _MARK.search(_said(body["messages"][-1]["content"]))
        assert found, body
        entry = Entry(found[1], int(found[2]), is_stream=bool(body.get("stream")))
        self.entries.setdefault(entry.mark, []).append(entry)
        usage = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": entry.wanted}
        if entry.is_stream:
            return await self._stream(request, entry, usage)
        await asyncio.sleep(entry.wanted * self.gap)
        message = {"role": "assistant", "content": written(entry.wanted)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        entry.times = [time.time()] * entry.wanted
        entry.is_whole = True
        return web.json_response({**_HEAD, "choices": [choice], "usage": usage})

    async def _stream(
        self, request: web.Request, entry: Entry, usage: dict[str, int]
    ) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await answer.prepare(request)
        for number in range(entry.wanted):
            while self.allowed is not None and number >= self.allowed:
                await asyncio.sleep(0.005)
            entry.times.append(time.time())
            await answer.write(_frame({"content": piece(number)}))
            await asyncio.sleep(self.gap)
        await answer.write(_frame({}, "stop"))
        await answer.write(_line({**_HEAD, "choices": [], "usage": usage}))
        await answer.write(b"data: [DONE]\n\n")
        entry.is_whole = True
        return answer


_HEAD: dict[str, Any] = {"id": "x", "object": "chat.completion", "created": 1, "model": MODEL}


def _said(content: Any) -> str:
    """Return the words of a message, which may come in parts."""
    return content if isinstance(content, str) else " ".join(part["text"] for part in content)


def _frame(delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _line({**_HEAD, "object": "chat.completion.chunk", "choices": [choice]})


def _line(told: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(told).encode() + b"\n\n"


@contextmanager
def journal(*, gap: float = GAP) -> Iterator[Journal]:
    """Serve until it is no longer needed."""
    served = Journal(gap=gap)
    served.start()
    try:
        yield served
    finally:
        served.stop()
