"""Asks a gateway as told by one line of JSON, and prints what came of it as JSON.

``python -m bench.gateway_load '{"url": …, "keys": […], "model": …, "at_once": 16, …}'``
"""

import asyncio
import json
import re
import sys
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httptools
import uvloop

_WRITTEN = re.compile(rb"@(\d+\.\d{6});")
PATIENCE = 90


class Line(asyncio.Protocol):
    """One line to the gateway, asked again and again."""

    def __init__(self) -> None:
        self.over: asyncio.Future[None] | None = None
        self.late: list[float] = []
        self.first = 0.0
        self.is_done = False
        self.is_closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def connection_lost(self, trouble: Exception | None) -> None:
        self.is_closed = True
        if self.over and not self.over.done():
            self.over.set_exception(ConnectionError("the line was closed"))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, piece: bytes) -> None:
        now = time.monotonic()
        for written in _WRITTEN.findall(piece):
            self.first = self.first or now
            self.late.append(now - float(written))
        self.is_done = self.is_done or b"[DONE]" in piece or b'"choices"' in piece

    def on_message_complete(self) -> None:
        if self.over and not self.over.done():
            self.over.set_result(None)

    async def ask(self, request: bytes) -> int:
        self._parser: Any = httptools.HttpResponseParser(self)
        self.late, self.first, self.is_done = [], 0.0, False
        self.over = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        await asyncio.wait_for(self.over, PATIENCE)
        return int(self._parser.get_status_code())


@dataclass
class Found:
    took: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    wrong: dict[str, int] = field(default_factory=dict)

    def note(self, what: str) -> None:
        self.wrong[what] = self.wrong.get(what, 0) + 1


def requests_of(told: dict[str, Any]) -> list[bytes]:
    where = urlsplit(told["url"])
    said = [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": "Say hello. " * 20},
    ]
    body: dict[str, Any] = {"model": told["model"], "messages": said, "max_tokens": 200}
    if told["stream"]:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    raw = json.dumps(body).encode()
    head = f"POST {where.path} HTTP/1.1\r\nhost: {where.netloc}\r\ncontent-type: application/json"
    more = "".join(f"\r\n{name}: {value}" for name, value in told.get("headers", {}).items())
    return [
        f"{head}{more}\r\nauthorization: Bearer {key}"
        f"\r\ncontent-length: {len(raw)}\r\n\r\n".encode()
        + raw
        for key in told["keys"]
    ]


async def load(told: dict[str, Any]) -> dict[str, Any]:
    where, requests, found = urlsplit(told["url"]), requests_of(told), Found()
    loop, at_once = asyncio.get_running_loop(), told["at_once"]
    began = time.monotonic()
    stop = began + told["seconds"]

    async def ask_on(number: int) -> None:
        await asyncio.sleep(told.get("ramp", 0) * number / at_once)
        line: Line | None = None
        while True:
            started = time.monotonic()
            try:
                if line is None or line.is_closed:
                    _transport, line = await loop.create_connection(
                        Line, where.hostname, where.port
                    )
                status = await line.ask(requests[number % len(requests)])
            except (OSError, TimeoutError) as trouble:
                found.note(type(trouble).__name__)
                line = None
            else:
                if status == 200 and line.is_done:
                    found.took.append(time.monotonic() - started)
                    found.late += line.late
                    if line.first:
                        found.first.append(line.first - started)
                else:
                    found.note(f"HTTP {status}")
            if told.get("once") or time.monotonic() > stop:
                return

    await asyncio.gather(*(ask_on(number) for number in range(at_once)))
    took = time.monotonic() - began
    return {
        "answers": len(found.took),
        "per_s": len(found.took) / took,
        "wrong": found.wrong,
        "p50_ms": share(found.took, 0.5),
        "p95_ms": share(found.took, 0.95),
        "first_p95_ms": share(found.first, 0.95),
        "late_p50_ms": share(found.late, 0.5),
        "late_p95_ms": share(found.late, 0.95),
    }


def share(values: list[float], part: float) -> float:
    ordered = sorted(values) or [float("nan")]
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000


if __name__ == "__main__":
    print(json.dumps(uvloop.run(load(json.loads(sys.argv[1])))))
