"""What may come in at all, decided before Django sees a byte: sizes, depth, and odd addresses."""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, cast

from asgiref.typing import HTTPScope
from django.core.handlers.asgi import ASGIRequest
from django.utils import translation
from django.utils.translation import gettext as _

from atrium.kit.errors import Refusal, TooLarge
from atrium.kit.limits import LIMITS
from atrium.web import metrics
from atrium.web.address import believed, neighbourhood
from atrium.web.headers import FIXED, secure_headers
from atrium.web.intake import Held, Intake
from atrium.web.json_depth import DepthGauge
from atrium.web.refusals import Malformed, refuse

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LINGER_SECONDS = 1.0
LINGER_BYTES = 8_000_000


class HeadTooLarge(Refusal):
    """The headers are more than one request may carry."""

    status = 431
    code = "head_too_large"


class AddressTooLong(Refusal):
    """The path and query are longer than one request may ask."""

    status = 414
    code = "address_too_long"


_limits: list[tuple[str, Callable[[], int]]] = []


def limit_bodies(prefix: str, limit: Callable[[], int]) -> None:
    """Let bodies under ``prefix`` be ``limit()`` bytes; the longest prefix that fits counts."""
    _limits.append((prefix, limit))
    _limits.sort(key=lambda entry: -len(entry[0]))


limit_bodies("/", lambda: LIMITS.form_bytes)
limit_bodies("/api/", lambda: LIMITS.api_bytes)
limit_bodies("/v1/", lambda: LIMITS.compat_bytes)
limit_bodies("/webhooks/", lambda: LIMITS.webhook_bytes)
for _address in ("/settings/picture", "/api/v1/me/picture"):
    limit_bodies(_address, lambda: LIMITS.portrait_bytes + LIMITS.upload_overhead_bytes)
# A chat's first question may carry its files, for who has no script.
limit_bodies("/chat", lambda: LIMITS.upload_bytes + LIMITS.upload_overhead_bytes)
limit_bodies("/api/v1/chats/imports", lambda: LIMITS.import_bytes + LIMITS.upload_overhead_bytes)
limit_bodies("/files", lambda: LIMITS.upload_bytes + LIMITS.upload_overhead_bytes)
limit_bodies("/files/uploads", lambda: LIMITS.tus_chunk_bytes)
limit_bodies("/api/v1/files", lambda: LIMITS.upload_bytes + LIMITS.upload_overhead_bytes)
limit_bodies("/api/v1/files/uploads", lambda: LIMITS.tus_chunk_bytes)


def body_limit(path: str) -> int:
    """Return how many bytes a body sent to ``path`` may have."""
    return next(limit() for prefix, limit in _limits if path.startswith(prefix))


_tongues: dict[str, Callable[[Refusal], bytes]] = {}


def speak(prefix: str, say: Callable[[Refusal], bytes]) -> None:
    """Have what is refused under ``prefix`` said as the JSON of ``say``."""
    _tongues[prefix] = say


class Guard:
    """Refuse at the door, and pass everything else on to ``app``."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._intake = Intake()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        limit = body_limit(scope["path"])
        visit = _Visit(scope, receive, send, self._intake, limit=limit, began=began)
        refusal = _judge_head(scope) or visit.judge_length()
        if refusal:
            await visit.refuse(refusal)
            return
        try:
            await self._app(scope, visit.take, visit.give)
        finally:
            visit.let_go()


def _judge_head(scope: Scope) -> Refusal | None:
    headers = scope["headers"]
    target = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    if target > LIMITS.target_bytes:
        return AddressTooLong(_("This address is too long."), limit=LIMITS.target_bytes)
    size = sum(len(name) + len(value) for name, value in headers)
    if len(headers) > LIMITS.headers or size > LIMITS.header_bytes:
        return HeadTooLarge(_("This request has too many headers."), limit=LIMITS.headers)
    # No name of ours holds a NUL, and PostgreSQL takes none.
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        return Malformed(_("This address cannot be read."))
    return None


@dataclass
class _Visit:
    """One request on its way through the guard."""

    scope: Scope
    receive: Receive
    send: Send
    intake: Intake
    limit: int
    began: float
    taken: int = 0
    refused: bool = False
    answered: bool = False
    depth: DepthGauge | None = field(default=None)
    held: Held | None = field(default=None)

    def __post_init__(self) -> None:
        if "json" in self._header(b"content-type"):
            self.depth = DepthGauge(LIMITS.json_depth)

    def judge_length(self) -> Refusal | None:
        said = self._header(b"content-length")
        if said and not said.isdecimal():
            return Malformed(_("This request could not be read."))
        return _too_large(self.limit) if said and int(said) > self.limit else None

    async def take(self) -> Message:
        """Receive for the app; what goes over a limit ends the visit, and the app sees it leave."""
        if self.refused:
            return {"type": "http.disconnect"}
        message = await self.receive()
        if message["type"] == "http.request":
            body = message.get("body", b"")
            self.taken += len(body)
            refusal = self._judge(body)
            if refusal:
                await self.refuse(refusal)
                return {"type": "http.disconnect"}
        return message

    def _judge(self, body: bytes) -> Refusal | None:
        if self.taken > self.limit:
            return _too_large(self.limit)
        if self.depth and not self.depth.bears(body):
            return Malformed(
                _("This JSON is nested too deeply."), code="too_deep", limit=LIMITS.json_depth
            )
        if self.answered or self.taken <= LIMITS.small_body_bytes:
            return None
        self.held = self.held or Held(self._network())
        return self.intake.hold(self.held, taken=self.taken)

    def let_go(self) -> None:
        if self.held:
            self.intake.let_go(self.held)

    def _network(self) -> str:
        peer = (self.scope.get("client") or ("",))[0]
        said = [value for name, value in self.scope["headers"] if name == b"x-forwarded-for"]
        return neighbourhood(believed(peer, b",".join(said).decode("latin-1"))) or "unknown"

    async def give(self, message: Message) -> None:
        """Send for the app; after a refusal nothing of it goes out any more."""
        if self.refused:
            return
        if message["type"] == "http.response.start":
            self.let_go()
            self._measure(message["status"])
        await self.send(message)

    async def refuse(self, refusal: Refusal) -> None:
        self.refused = True
        metrics.REFUSED_BY_GUARD.add(code=refusal.code)
        if self.answered:
            return
        self._measure(refusal.status)
        headers, body = render_outside(self.scope, refusal)
        await self.send(
            {"type": "http.response.start", "status": refusal.status, "headers": headers}
        )
        await self.send({"type": "http.response.body", "body": body, "more_body": True})
        await self._linger()
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _linger(self) -> None:
        # Closing upon unread bytes resets the connection, and the refusal is lost on its way.
        until = time.monotonic() + LINGER_SECONDS
        left = LINGER_BYTES
        while left > 0 and (wait := until - time.monotonic()) > 0:
            try:
                async with asyncio.timeout(wait):
                    message = await self.receive()
            except TimeoutError:
                return
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                return
            left -= len(message.get("body", b""))

    def _measure(self, status: int) -> None:
        self.answered = True
        method = self.scope["method"] if self.scope["method"] in _METHODS else "OTHER"
        metrics.REQUESTS.add(method=method, status=str(status))
        metrics.REQUEST_SECONDS.see(time.monotonic() - self.began, method=method)

    def _header(self, wanted: bytes) -> str:
        found = (value for name, value in self.scope["headers"] if name.lower() == wanted)
        return str(next(found, b"").decode("latin-1").lower())


_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def _too_large(limit: int) -> Refusal:
    said = _("This is larger than the %(megabytes)s MB that may be sent here.")
    return TooLarge(said % {"megabytes": _megabytes(limit)}, limit=limit)


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.2f}".rstrip("0").rstrip(".")


def render_outside(scope: Scope, refusal: Refusal) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Render ``refusal`` for an ASGI app beside Django: headers that end the line, and a body."""
    ends = [(b"connection", b"close")]
    for prefix, say in _tongues.items():
        if scope["path"].startswith(prefix):
            body = say(refusal)
            kind = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
            safe = [(name.lower().encode(), value.encode()) for name, value in FIXED.items()]
            return [*kind, *safe, (b"content-length", b"%d" % len(body)), *ends], body
    request = ASGIRequest(_bare(scope), BytesIO())
    with translation.override(translation.get_language_from_request(request)):
        response = refuse(request, refusal)
    for name, value in secure_headers().items():
        response.headers.setdefault(name, value)
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in response.headers.items()
    ]
    body = response.content
    return [*headers, (b"content-length", b"%d" % len(body)), *ends], body


_SPOKEN = {b"accept", b"accept-language", b"hx-request", b"cookie"}


def _bare(scope: Scope) -> HTTPScope:
    # Only what the renderer looks at: the rest is what is being refused.
    headers = [(name, value) for name, value in scope["headers"][:200] if name.lower() in _SPOKEN]
    path = scope["path"][:200].replace("\0", "")
    return cast(HTTPScope, {**scope, "headers": headers, "path": path, "query_string": b""})
