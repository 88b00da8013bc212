"""An engine that costs nothing to ask: ``python -m bench.gateway_upstream PORT``.

It speaks OpenAI's protocol. A model's name says how it answers: ``bench-c50-t100-g100`` writes 50
pieces, the first after 100 ms and 100 ms between them; each piece says when it was written, by the
clock that all processes of one machine share.
"""

import asyncio
import json
import re
import sys
import time
from typing import Any

import httptools
import uvloop

_HOW = re.compile(r"-c(\d+)-t(\d+)-g(\d+)")
_STREAM = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)


class Line(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._parser: Any = httptools.HttpRequestParser(self)
        self._body: list[bytes] = []
        self._writing: asyncio.Task[None] | None = None

    def connection_lost(self, trouble: Exception | None) -> None:
        if self._writing:
            self._writing.cancel()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._body = []

    def on_body(self, piece: bytes) -> None:
        self._body.append(piece)

    def on_message_complete(self) -> None:
        if self._parser.get_method() == b"GET":
            self._whole({"object": "list", "data": []})
            return
        asked = json.loads(b"".join(self._body))
        how = _HOW.search(asked["model"])
        pieces, first, gap = (int(number) for number in how.groups()) if how else (50, 0, 0)
        usage = {"prompt_tokens": 20, "completion_tokens": pieces, "total_tokens": 20 + pieces}
        if asked.get("stream"):
            streamed = self._stream(pieces, first / 1000, gap / 1000, usage)
            self._writing = asyncio.get_running_loop().create_task(streamed)
            return
        message = {"role": "assistant", "content": "word " * pieces}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        told = {"id": "x", "object": "chat.completion", "created": 1, "model": asked["model"]}
        self._whole({**told, "choices": [choice], "usage": usage})

    def _whole(self, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        self._transport.write(head % len(body) + body)

    async def _stream(self, pieces: int, first: float, gap: float, usage: dict[str, int]) -> None:
        self._transport.write(_STREAM)
        await asyncio.sleep(first)
        due = time.monotonic()
        for _piece in range(pieces):
            self._frame({"content": f"@{time.monotonic():.6f}; word"})
            if gap:
                due += gap
                await asyncio.sleep(max(0.0, due - time.monotonic()))
        self._frame({}, "stop")
        self._chunk(b"data: " + json.dumps({"choices": [], "usage": usage}).encode() + b"\n\n")
        self._chunk(b"data: [DONE]\n\n")
        self._transport.write(b"0\r\n\r\n")

    def _frame(self, delta: dict[str, Any], finish: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        told = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "bench"}
        self._chunk(b"data: " + json.dumps({**told, "choices": [choice]}).encode() + b"\n\n")

    def _chunk(self, data: bytes) -> None:
        self._transport.write(b"%x\r\n%s\r\n" % (len(data), data))


async def main(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Line, "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
