"""Whispers from the event loop to other processes: many are said together.

Ringing for each would cost the loop about as much as everything else that it does for one piece
of an answer's text.
"""

import asyncio
import json
from typing import Any

from atrium.events.hub import ORIGIN
from atrium.kit import bell
from atrium.kit.limits import LIMITS

TOPIC = "whisper"
GATHER_SECONDS = 0.03
ROOM_FOR_ENVELOPE = 500

Whisper = tuple[str, str, dict[str, Any]]

_gathered: list[Whisper] = []
_gathering_on: asyncio.AbstractEventLoop | None = None


def ring(whispers: list[Whisper]) -> None:
    """Say it to the hubs of other processes; our own knows by the origin that it has heard it."""
    bell.ring(TOPIC, {"origin": ORIGIN, "whispers": whispers})


def gather(whisper: Whisper, loop: asyncio.AbstractEventLoop) -> None:
    """Ring a moment later, with whatever else is whispered until then. On the loop's thread."""
    global _gathering_on  # noqa: PLW0603
    if _gathering_on is not loop:
        _gathered.clear()  # what a loop left that is gone
        _gathering_on = loop
        loop.call_later(GATHER_SECONDS, _ring_gathered)
    _gathered.append(whisper)


def _ring_gathered() -> None:
    global _gathering_on  # noqa: PLW0603
    _gathering_on = None
    together: list[Whisper] = []
    size = ROOM_FOR_ENVELOPE
    for whisper in _gathered:
        more = len(json.dumps(whisper, ensure_ascii=False).encode()) + 2
        if together and size + more > LIMITS.bell_bytes:
            ring(together)
            together, size = [], ROOM_FOR_ENVELOPE
        together.append(whisper)
        size += more
    _gathered.clear()
    if together:
        ring(together)
