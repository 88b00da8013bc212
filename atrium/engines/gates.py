"""How many calls of one provider run at once in this process, and whether it is asked at all."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from uuid import UUID
from weakref import WeakKeyDictionary

from django.utils.translation import gettext as _

from atrium.engines.protocol import EngineBusy
from atrium.kit.limits import LIMITS

FAILURES = 5  # in a row, and it is left alone
SHORTEST_REST = 15.0
LONGEST_REST = 300.0


class Breaker:
    """Opens when a provider fails again and again; later lets one call through to see."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures = 0
        self._rest = SHORTEST_REST
        self._open_until: float | None = None
        self._is_trying = False

    def ask(self) -> None:
        """Let a call through.

        :raises EngineBusy: while the provider is left alone
        """
        if self._open_until is None:
            return
        left = self._open_until - self._now()
        if left > 0 or self._is_trying:
            raise EngineBusy(
                _("The engine does not answer just now. Try again in a minute."),
                retry_after=max(1.0, left),
            )
        self._is_trying = True

    def succeeded(self) -> None:
        self._failures, self._rest = 0, SHORTEST_REST
        self._open_until, self._is_trying = None, False

    def failed(self) -> None:
        self._failures += 1
        if self._is_trying:
            self._rest = min(LONGEST_REST, 2 * self._rest)
        if self._is_trying or self._failures >= FAILURES:
            self._open_until = self._now() + self._rest
        self._is_trying = False

    def said_nothing(self) -> None:
        """End a call that shows neither: who asked went away."""
        self._is_trying = False


class Gate:
    """Counts the calls of one provider; a few more wait for a short while."""

    def __init__(self) -> None:
        self.breaker = Breaker()
        self.running = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self, at_once: int) -> None:
        """Take a place.

        :raises EngineBusy: when too many wait already, or none becomes free
        """
        if self.running < at_once and not self._waiting:
            self.running += 1
            return
        if len(self._waiting) >= LIMITS.engine_calls_waiting:
            raise _full()
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            async with asyncio.timeout(LIMITS.engine_waiting_seconds):
                await place
        except BaseException as trouble:
            if place.done() and not place.cancelled():
                self.leave()  # it was given the place just as it went
            elif place in self._waiting:
                self._waiting.remove(place)
            if isinstance(trouble, TimeoutError):
                raise _full() from None
            raise

    def leave(self) -> None:
        """Give the place back: to who waits longest, if somebody does."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self.running -= 1


_gates: "WeakKeyDictionary[asyncio.AbstractEventLoop, dict[UUID, Gate]]" = WeakKeyDictionary()


def gate_of(provider_id: UUID) -> Gate:
    """Return the gate of a provider for this event loop."""
    gates = _gates.setdefault(asyncio.get_running_loop(), {})
    return gates.setdefault(provider_id, Gate())


def _full() -> EngineBusy:
    return EngineBusy(
        _("The engine answers as many questions as it can. Try again in a moment."),
        retry_after=LIMITS.engine_waiting_seconds,
    )
