"""``GET /live`` and ``GET /live/since``: bare ASGI, beside Django's handler."""

import json
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from django.utils.translation import gettext as _

from atrium.events import queries, sse
from atrium.events.hub import Hub
from atrium.events.open_stream import OpenStream, Receive, Scope, Send
from atrium.kit.errors import NotAllowed, NotFound, Refusal, TooMany
from atrium.kit.limits import LIMITS
from atrium.kit.offload import offload

Identify = Callable[[Scope], Awaitable[str | None]]
Headers = list[tuple[bytes, bytes]]

LONGEST_NUMBER = 2**63 - 1

_EVERYWHERE: Headers = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_STREAM: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),
    *_EVERYWHERE,
]


class BadPlace(Refusal):
    code = "bad_place"


class WrongMethod(Refusal):
    status = 405
    code = "wrong_method"


class EventStream:
    """Serves each caller their own stream.

    ``identify`` says whose it is, from the scope's headers alone; for None the answer is an empty
    204, which tells an EventSource not to come back.
    """

    def __init__(self, identify: Identify, hub: Hub) -> None:
        self._identify = identify
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._check(scope)
            after = _place(scope)
            audience = await self._identify(scope)
            if not audience:
                await _answer(send, HTTPStatus.NO_CONTENT)
            elif scope["path"] == "/live/since":
                await self._poll(audience, after, send)
            else:
                await self._stream(scope, receive, send, audience=audience, after=after)
        except Refusal as refusal:
            body = json.dumps(refusal.as_problem()).encode()
            await _answer(send, refusal.status, body, b"application/problem+json")

    def _check(self, scope: Scope) -> None:
        if scope["path"] not in {"/live", "/live/since"}:
            raise NotFound(_("There is nothing here."))
        if scope["method"] != "GET":
            raise WrongMethod(_("A stream can only be read."))
        if _header(scope, b"sec-fetch-site") in {"cross-site", "same-site"}:
            raise NotAllowed(_("Another site may not read this."))

    async def _poll(self, audience: str, after: int | None, send: Send) -> None:
        page = await offload(queries.since, audience, after)
        events = ",".join(sse.as_json(*event) for event in page.events)
        rest = json.dumps({"last": page.last, "reset": page.is_reset, "more": page.has_more})
        body = f'{{"events":[{events}],{rest[1:]}'.encode()
        await _answer(send, HTTPStatus.OK, body, b"application/json")

    async def _stream(
        self, scope: Scope, receive: Receive, send: Send, *, audience: str, after: int | None
    ) -> None:
        if self._hub.streams_of(audience) >= LIMITS.streams_per_person:
            raise TooMany(
                _("You have too many pages open at once."),
                code="too_many_streams",
                limit=LIMITS.streams_per_person,
                way_on=_("Close one of them; the others are kept up to date."),
            )
        stream = OpenStream(
            audience=audience, after=after, send=send, ask_again=partial(self._identify, scope)
        )
        await send({"type": "http.response.start", "status": 200, "headers": _STREAM})
        with self._hub.holding(stream):
            await stream.serve(receive, on_room=self._hub.has_room)


def _place(scope: Scope) -> int | None:
    """Return the number to go on from: the one EventSource remembered, or the page's."""
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    text = _header(scope, b"last-event-id") or asked.get("after", [""])[-1]
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) < LONGEST_NUMBER):
        raise BadPlace(_("“after” is the number of an event."))
    return int(text)


def _header(scope: Scope, name: bytes) -> str:
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return ""


async def _answer(send: Send, status: int, body: bytes = b"", content_type: bytes = b"") -> None:
    headers = [*_EVERYWHERE]
    if body:
        headers.append((b"content-type", content_type))
        headers.append((b"content-length", str(len(body)).encode()))
    start: dict[str, Any] = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body})
