"""A real uvicorn in a thread, with our own connection class, around any ASGI application."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn

from atrium.web.connection import PatientConnection


class Server:
    def __init__(self, app: Any, http: type[PatientConnection]) -> None:
        config = uvicorn.Config(
            app, host="127.0.0.1", port=0, http=http, lifespan="off", log_config=None
        )
        self._server = uvicorn.Server(config)
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port = 0

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        serving = asyncio.ensure_future(self._server.serve())
        while not self._server.started:
            await asyncio.sleep(0.005)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        self._started.set()
        await serving

    def start(self) -> None:
        self._thread.start()
        assert self._started.wait(10)

    def stop(self) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(10)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def send(self, raw: bytes) -> bytes:
        """Send ``raw`` and return everything that comes back until the line is closed."""
        with self.connect() as line:
            with suppress(BrokenPipeError, ConnectionResetError):
                line.sendall(raw)
            return read_all(line)


def read_all(line: socket.socket) -> bytes:
    parts = []
    with suppress(ConnectionResetError):
        while piece := line.recv(65536):
            parts.append(piece)
    return b"".join(parts)


@contextmanager
def served(app: Any, http: type[PatientConnection] = PatientConnection) -> Iterator[Server]:
    server = Server(app, http)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class Echo:
    """Answers with how many bytes it was given, and remembers what it saw."""

    def __init__(self) -> None:
        self.seen = 0
        self.calls = 0
        self.left = threading.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.calls += 1
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.left.set()
                return
            self.seen += len(message.get("body", b""))
            more = message.get("more_body", False)
        body = str(self.seen).encode()
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
