"""What all adapters share: opening the line, trying again where that is safe, what went wrong."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from django.utils.translation import gettext as _

from atrium.engines.protocol import EngineBusy, EngineRefused, EngineTrouble
from atrium.kit.http import FetchFailed, FetchRefused
from atrium.kit.limits import LIMITS
from atrium.kit.lines_out import Answering, asked

TRIES = 3
_LONGEST_PAUSE = 8.0
_MORE_THAN_ANY = 10**9
_AGAIN = {408, 409, 425, 429, 500, 502, 503, 504, 529}


@asynccontextmanager
async def opened(url: str, *, headers: Mapping[str, str], body: bytes) -> AsyncIterator[Answering]:
    """Give the answer of an engine that accepted the question.

    Until its head has come nothing was paid for, so that much is tried again.

    :raises EngineBusy: when it was not there each time
    :raises EngineRefused: when it will not answer this
    """
    for attempt in range(1, TRIES + 1):
        async with _asked_once(url, headers, body) as found:
            if isinstance(found, Answering):
                yield found
                return
            trouble, pause = found
        if attempt == TRIES or isinstance(trouble, EngineRefused):
            raise trouble
        await asyncio.sleep(pause or min(_LONGEST_PAUSE, 0.25 * 2**attempt))


@asynccontextmanager
async def _asked_once(
    url: str, headers: Mapping[str, str], body: bytes
) -> AsyncIterator[Answering | tuple[EngineTrouble, float]]:
    try:
        async with asked(url, headers=headers, body=body) as answering:
            if answering.status < 300:
                yield answering
                return
            said = await _what_it_said(answering)
            refused = (refusal_for(answering.status, said), _pause_of(answering))
    except FetchRefused:
        refused = (EngineRefused(_("The engine has no usable address.")), 0.0)
    except FetchFailed:
        refused = (EngineBusy(_("The engine does not answer just now.")), 0.0)
    yield refused


def refusal_for(status: int, said: str) -> EngineTrouble:
    """Return what a status that is no answer means to whoever asked."""
    if status in (401, 403):
        return EngineRefused(_("The engine does not accept our key. Tell whoever runs this place."))
    if status == 404:
        return EngineRefused(_("The engine knows no such model."))
    if status in _AGAIN or status >= 500:
        return EngineBusy(_("The engine is too busy just now. Try again in a minute."))
    if not said:
        return EngineRefused(_("The engine will not answer this."))
    return EngineRefused(_("The engine will not answer this: %(said)s") % {"said": said})


def broke_off() -> EngineBusy:
    return EngineBusy(_("The engine broke off in the middle of its answer."))


def checked(data: bytes) -> dict[str, Any]:
    """Return a frame of a stream as what it says.

    :raises EngineBusy: when it is garbage, or tells of an error
    """
    try:
        frame = json.loads(data.decode("utf-8", "replace"))
    except ValueError:
        raise broke_off() from None
    if not isinstance(frame, dict):
        raise broke_off()
    if frame.get("error"):
        said = _message_in(frame)
        raise EngineBusy(
            _("The engine broke off: %(said)s") % {"said": said} if said else broke_off().said
        )
    return frame


def count_of(told: Any) -> int | None:
    """Return a number of tokens as an engine told it; None when that cannot be one."""
    is_whole = type(told) is int or (type(told) is float and told == told // 1)
    return int(told) if is_whole and 0 <= told < _MORE_THAN_ANY else None


async def _what_it_said(answering: Answering) -> str:
    try:
        body = await answering.whole(most=LIMITS.engine_line_bytes)
        frame = json.loads(body)
    except (FetchFailed, ValueError):
        return ""
    if isinstance(frame, list):  # Gemini wraps what went wrong in a list
        frame = frame[0] if frame else {}
    return _message_in(frame) if isinstance(frame, dict) else ""


def _message_in(frame: dict[str, Any]) -> str:
    error = frame.get("error")
    said = error.get("message") if isinstance(error, dict) else error
    return " ".join(said.split())[:200] if isinstance(said, str) else ""


def _pause_of(answering: Answering) -> float:
    """Return how long the engine wants us to wait, if that is short."""
    try:
        wanted = float(answering.headers.get("retry-after", ""))
    except ValueError:
        return 0.0
    return wanted if 0 <= wanted <= _LONGEST_PAUSE else 0.0
