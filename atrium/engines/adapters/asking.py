"""What all adapters share: opening the line, trying again where that is safe, what went wrong."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from atrium.engines.protocol import EngineBusy, EngineRefused, EngineTrouble, EngineUnfit
from atrium.kit.http import FetchFailed, FetchRefused
from atrium.kit.limits import LIMITS
from atrium.kit.lines_out import Answering, asked

TRIES = 3
_LONGEST_PAUSE = 8.0
_LONGEST_WISH = 86_400.0
_MORE_THAN_ANY = 10**9
_BUSY = {408, 409, 425, 429, 500, 502, 503, 504, 529}
_AGAIN = {429, 503, 529}  # refused before any work
_OURS = {401, 402, 403, 407}  # about our key or our bill: none of the asker's business


def is_accepted(status: int) -> bool:
    return status < 300


def is_theirs(status: int) -> bool:
    """Tell whether this status speaks to whoever asked: an answer, or what is wrong with it."""
    return status < 300 or (400 <= status < 500 and status not in _BUSY | _OURS)


@asynccontextmanager
async def opened(
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes | Path,
    takes: Callable[[int], bool] = is_accepted,
) -> AsyncIterator[Answering]:
    """Give the answer of an engine, if ``takes`` takes its status.

    Where surely nothing was paid for it is tried again: nobody there, or too busy.

    :raises EngineBusy: when it was not there each time
    :raises EngineRefused: when it will not answer this
    """
    for attempt in range(1, TRIES + 1):
        async with _asked_once(url, headers, body, takes) as found:
            if isinstance(found, Answering):
                yield found
                return
        pause = found.trouble.retry_after
        if attempt == TRIES or not found.is_safe or (pause or 0.0) > _LONGEST_PAUSE:
            raise found.trouble
        await asyncio.sleep(min(_LONGEST_PAUSE, 0.25 * 2**attempt) if pause is None else pause)


class _Failed(NamedTuple):
    trouble: EngineTrouble
    is_safe: bool = False  # to ask once more


@asynccontextmanager
async def _asked_once(
    url: str, headers: Mapping[str, str], body: bytes | Path, takes: Callable[[int], bool]
) -> AsyncIterator[Answering | _Failed]:
    try:
        async with asked(url, headers=headers, body=body) as answering:
            if takes(answering.status):
                yield answering
                return
            trouble = refusal_for(answering.status, await _what_it_said(answering))
            trouble.retry_after = _pause_of(answering)
            failed = _Failed(trouble, answering.status in _AGAIN)
    except FetchRefused:
        failed = _Failed(EngineRefused(_("The engine has no usable address.")))
    except FetchFailed as trouble_on_the_way:
        is_safe = trouble_on_the_way.why == "nobody"
        failed = _Failed(EngineBusy(_("The engine does not answer just now.")), is_safe)
    yield failed


def refusal_for(status: int, said: str) -> EngineTrouble:
    """Return what a status that is no answer means to whoever asked."""
    if status in _OURS:
        return EngineUnfit(_("The engine does not accept our key. Tell whoever runs this place."))
    if status == 404:
        return EngineUnfit(_("The engine knows no such model."))
    if status in _BUSY or status >= 500:
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
    except (ValueError, RecursionError):
        raise broke_off() from None
    if isinstance(frame, list) and len(frame) == 1:  # as Gemini tells what went wrong
        frame = frame[0]
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
    except (FetchFailed, ValueError, RecursionError):
        return ""
    if isinstance(frame, list):  # Gemini wraps what went wrong in a list
        frame = frame[0] if frame else {}
    return _message_in(frame) if isinstance(frame, dict) else ""


def _message_in(frame: dict[str, Any]) -> str:
    error = frame.get("error")
    said = error.get("message") if isinstance(error, dict) else error
    return " ".join(said.split())[:200] if isinstance(said, str) else ""


def _pause_of(answering: Answering) -> float | None:
    """Return how many seconds the engine wants us to wait, if it says so and that can be."""
    try:
        wanted = float(answering.headers.get("retry-after", ""))
    except ValueError:
        return None
    return wanted if 0 <= wanted <= _LONGEST_WISH else None
