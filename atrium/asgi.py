"""The web process: a guard, then by address static files, event stream, ``/v1``, or Django."""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")

import django

django.setup(set_prefix=False)

# What follows needs Django to stand.
from django.conf import settings  # noqa: E402

from atrium.compat.front import Front  # noqa: E402
from atrium.events.hub import Hub  # noqa: E402
from atrium.events.stream import EventStream  # noqa: E402
from atrium.jobs.supervisor import WorkerChild  # noqa: E402
from atrium.kit.offload import offload  # noqa: E402
from atrium.people.queries import caller_of  # noqa: E402
from atrium.web.guard import Guard  # noqa: E402
from atrium.web.handler import Handler  # noqa: E402
from atrium.web.lifespan import Lifespan  # noqa: E402
from atrium.web.static_files import StaticApp  # noqa: E402

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class House:
    """Answers the server's lifespan, and hands each request to the application of its address."""

    def __init__(self) -> None:
        self._hub = Hub()
        self._lifespan = Lifespan()
        self._lifespan.add(self._hub.start, self._hub.stop, name="event streams")
        if settings.ATRIUM.worker == "embedded":
            child = WorkerChild()
            self._lifespan.add(child.start, child.stop, name="worker")
        self._stream: App = EventStream(identify, self._hub)
        self._static: App = StaticApp()
        self._compat: App = Front()
        self._django: App = Handler()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif scope["type"] == "http":
            await self._at(scope["path"])(scope, receive, send)

    def _at(self, path: str) -> App:
        if path.startswith(settings.STATIC_URL):
            return self._static
        if path == "/live" or path.startswith("/live/"):
            return self._stream
        if path == "/v1" or path.startswith("/v1/"):
            return self._compat
        return self._django


async def identify(scope: Scope) -> str | None:
    """Return the audience that this browser's cookies make it, if any."""
    headers = dict(scope["headers"])
    cookies = _cookies(headers.get(b"cookie", b"").decode("latin-1"))
    caller = await offload(caller_of, cookies=cookies)
    return caller.audience or None


def _cookies(header: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in header.split(";"):
        try:
            found |= {name: morsel.value for name, morsel in SimpleCookie(part).items()}
        except CookieError:
            continue  # somebody else's cookie is no reason not to know ours
    return found


def build() -> App:
    """Return a house of its own: a process serves ``application``, a test builds one for itself."""
    return Guard(House())


application = build()
