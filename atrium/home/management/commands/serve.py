import contextlib
import errno
import resource
import signal
import socket
from collections.abc import Generator
from types import FrameType
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand, CommandParser

from atrium.web import drain
from atrium.web.connection import PatientConnection

OPEN_FILES = 65_536
GRACE_SECONDS = 4


class DrainingServer(uvicorn.Server):
    """Tells the streams to end at the first signal, and ends with status 0 when it was asked to."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        drain.begin()
        super().handle_exit(sig, frame)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        # uvicorn's own raises the signal again at the end; who watches us would read a crash.
        before = {
            sig: signal.signal(sig, self.handle_exit) for sig in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for sig, handler in before.items():
                signal.signal(sig, handler)


class Command(BaseCommand):
    help = "Serve everything in the foreground, with a worker unless ATRIUM_WORKER=none."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.ATRIUM.host)
        parser.add_argument("--port", type=int, default=settings.ATRIUM.port)
        parser.add_argument("--prepare", action="store_true", help="do first what prepare does")

    def handle(self, *args: Any, host: str, port: int, prepare: bool, **options: Any) -> None:
        _raise_open_files()
        listener = _listen(host, port)
        if prepare:
            call_command("prepare")
        self.stdout.write(f"Atrium stands at {settings.PUBLIC_ADDRESS}  (Ctrl-C ends it)")
        self.stdout.flush()
        server = DrainingServer(_config())
        server.run(sockets=[listener])
        if not server.started:
            raise CommandError("Atrium could not start; the reason stands above.")


def _config() -> uvicorn.Config:
    return uvicorn.Config(
        "atrium.asgi:application",
        loop="uvloop",
        http=PatientConnection,
        ws="none",
        lifespan="on",
        backlog=2048,
        timeout_graceful_shutdown=GRACE_SECONDS,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as trouble:
        listener.close()
        if trouble.errno == errno.EADDRINUSE:
            raise CommandError(
                f"Port {port} is taken on {host}. Choose another: bin/dev --port {port + 1}"
            ) from trouble
        raise CommandError(f"Cannot listen on {host}:{port}: {trouble.strerror}.") from trouble
    return listener


def _raise_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
