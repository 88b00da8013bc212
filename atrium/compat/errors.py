"""What we will not do, said as OpenAI says it: programs look at ``type`` and ``code``."""

import json
import math
from datetime import timedelta
from http import HTTPStatus
from typing import Any, NamedTuple

from atrium.engines.protocol import EngineBusy, EngineTrouble
from atrium.kit import clock
from atrium.kit.errors import NotFound, Refusal, Unavailable

Headers = list[tuple[bytes, bytes]]

_SOON_OVER = frozenset({"too_many_calls", "too_many_at_once", "too_many_bodies"})
_ALIKE = {422: 400, 410: 404}


class BadCall(Refusal):
    """The body of the call does not hold together. ``fields`` names the place."""

    code = "invalid_value"


class TooLong(BadCall):
    """More than the model can take, or can answer."""

    code = "context_length_exceeded"


class NoSuchModel(NotFound):
    code = "model_not_found"


class NotHere(NotFound):
    code = "unknown_url"


class NotWithThis(Refusal):
    """The model cannot do what was asked of it."""

    code = "unsupported_model"


class EngineFailed(Unavailable):
    """What answers for the model did not."""

    code = "engine_failed"


class Told(NamedTuple):
    """An error as it goes out."""

    status: int
    headers: Headers
    body: dict[str, Any]

    @property
    def raw(self) -> bytes:
        return json.dumps(self.body, ensure_ascii=False).encode()


def told(refusal: Refusal) -> Told:
    """Return the refusal as an answer under ``/v1``; its numbers stand beside OpenAI's members."""
    status = _ALIKE.get(refusal.status, refusal.status)
    kind, code = "invalid_request_error", refusal.code
    headers: Headers = []
    if _is_quota(refusal):
        # Asking again in a moment would not help, whatever clients do on 429.
        status, kind, code = 429, "insufficient_quota", "insufficient_quota"
        headers.append((b"x-should-retry", b"false"))
    elif status == HTTPStatus.TOO_MANY_REQUESTS:
        kind, code = "rate_limit_exceeded", "rate_limit_exceeded"
    elif status == HTTPStatus.UNAUTHORIZED:
        code = "invalid_api_key"
        headers.append((b"www-authenticate", b'Bearer realm="Atrium"'))
    elif status == HTTPStatus.FORBIDDEN:
        kind = "permission_error"
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        kind = "server_error"
    if refusal.retry_at:
        wait = math.ceil((refusal.retry_at - clock.now()).total_seconds())
        headers.append((b"retry-after", b"%d" % max(1, wait)))
    return Told(status, headers, {"error": _members(refusal, kind, code)})


def _is_quota(refusal: Refusal) -> bool:
    if refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
        return refusal.code not in _SOON_OVER
    return refusal.status == HTTPStatus.PAYMENT_REQUIRED


def _members(refusal: Refusal, kind: str, code: str) -> dict[str, Any]:
    more = {
        "reason": refusal.code if refusal.code != code else None,
        "limit": refusal.limit,
        "used": refusal.used,
        "retry_at": refusal.retry_at.isoformat() if refusal.retry_at else None,
        "way_on": str(refusal.way_on) or None,
    }
    message = " ".join(filter(None, (str(refusal.detail), str(refusal.way_on))))
    named = next(iter(refusal.fields), None)
    members = {"message": message, "type": kind, "param": named, "code": code}
    return {**members, **{name: value for name, value in more.items() if value is not None}}


def trouble_of(trouble: EngineTrouble) -> Refusal:
    """Return what an engine's trouble is to whoever called."""
    if isinstance(trouble, EngineBusy):
        wait = trouble.retry_after
        at = clock.now() + timedelta(seconds=wait) if wait else None
        return EngineFailed(trouble.said, retry_at=at)
    return NotWithThis(trouble.said, code="engine_refused")
