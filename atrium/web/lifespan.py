"""What lives as long as the web process: registered here, started in order, stopped in reverse."""

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

Step = Callable[[], Awaitable[None]]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Resident:
    name: str
    start: Step
    stop: Step


_residents: list[Resident] = []


def register(start: Step, stop: Step, *, name: str = "") -> None:
    """Start ``start`` when the web process begins to serve, and ``stop`` it when it ends.

    A failing start is fatal: the process does not serve. A failing stop is logged, and the others
    are stopped all the same.
    """
    name = name or getattr(start, "__qualname__", repr(start))
    if all(resident.start != start for resident in _residents):
        _residents.append(Resident(name, start, stop))


class Lifespan:
    """The ASGI application that answers a server's "lifespan": starts the residents, stops them.

    Those registered anywhere in the process come first, then what was added to this one.
    """

    def __init__(self) -> None:
        self._own: list[Resident] = []
        self._started: list[Resident] = []

    def add(self, start: Step, stop: Step, *, name: str) -> None:
        self._own.append(Resident(name, start, stop))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self.start()
                except Exception as trouble:
                    logger.exception("The web process cannot start")
                    await send({"type": "lifespan.startup.failed", "message": str(trouble)})
                    return
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def start(self) -> None:
        """Start each in order; when one fails, stop those before it and let the failure out."""
        for resident in (*_residents, *self._own):
            try:
                await resident.start()
            except BaseException:
                await self.stop()
                raise
            self._started.append(resident)

    async def stop(self) -> None:
        """Stop in reverse order what was started."""
        while self._started:
            resident = self._started.pop()
            try:
                await resident.stop()
            except Exception:
                logger.exception("%s did not stop cleanly", resident.name)
