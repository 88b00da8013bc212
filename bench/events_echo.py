"""The limit beside which our stream is measured: what is posted goes from memory to the stream.

``python -m bench.events_echo PORT``; no database, no identity, no second process.
"""

import asyncio
import sys
from typing import Any

import uvicorn

_open: set["asyncio.Queue[bytes]"] = set()


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"] == "/live":
        await stream(receive, send)
        return
    body = (await receive())["body"]
    for queue in _open:
        queue.put_nowait(b"data: " + body + b"\n\n")
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def stream(receive: Any, send: Any) -> None:
    queue: asyncio.Queue[bytes] = asyncio.Queue()
    _open.add(queue)
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await receive()
    gone = asyncio.ensure_future(receive())
    queue.put_nowait(b'data: {"kind":"ready"}\n\n')
    while not gone.done():
        took = asyncio.ensure_future(queue.get())
        await asyncio.wait({gone, took}, return_when=asyncio.FIRST_COMPLETED)
        if took.done():
            await send({"type": "http.response.body", "body": took.result(), "more_body": True})
        else:
            took.cancel()
    _open.discard(queue)


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="error",
    )
