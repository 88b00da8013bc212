"""Hears in the web process that another process changed an option; without it 4 seconds pass."""

from typing import Any

from atrium.kit.bell import Ear
from atrium.options.queries import forget

TOPIC = "options"
_ears: list[Ear] = []


async def start() -> None:
    ear = Ear([TOPIC], _heard)
    _ears.append(ear)
    ear.start()


async def stop() -> None:
    while _ears:
        _ears.pop().stop()


def _heard(_topic: str, _message: dict[str, Any] | None) -> None:
    forget()
