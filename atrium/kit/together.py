"""Short work on the database done for many at once: one thread, one transaction for all that waits.

What one costs is mostly the way there and the commit. There is no time window: whoever comes while
the thread is busy goes in the next round, and a lone one waits for nobody.
"""

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import InterfaceError, OperationalError, connection

Thing = TypeVar("Thing")
Outcome = TypeVar("Outcome")

MOST = 256  # things in one round
_IDLE_SECONDS = 5.0  # after so long the thread gives its connection back
log = logging.getLogger(__name__)


class Alone:
    """What ``all_of`` returns for a thing that must be done by itself."""


ALONE = Alone()


class Work(Generic[Thing, Outcome]):
    """One kind of work.

    ``all_of(things)`` does all in one transaction of its own, and returns an outcome for each, in
    their order, or ``ALONE``. ``one_of(thing)`` does one, and is the measure of what is right: it
    may raise, and doing again what was done already changes nothing.
    """

    def __init__(
        self,
        all_of: Callable[[Sequence[Thing]], Sequence[Outcome | Alone]],
        one_of: Callable[[Thing], Outcome],
    ) -> None:
        self.all_of = all_of
        self.one_of = one_of


class _Asked(NamedTuple):
    work: Work[Any, Any]
    thing: Any
    future: "asyncio.Future[Any]"


class _Failed(NamedTuple):
    trouble: Exception


class Together:
    """Does things of a few kinds, all that wait of one kind in one go, those first named first.

    Each kind has a transaction of its own: one for all would lock what another process, which is in
    the middle of its own round, has locked the other way about.
    """

    def __init__(self, name: str, *works: Work[Any, Any]) -> None:
        self._name, self._works = name, works
        self._waiting: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    async def do(self, work: Work[Thing, Outcome], thing: Thing) -> Outcome:
        """Return what came of it, once that is committed; raise what it raised by itself."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.put(_Asked(work, thing, future))
        if self._thread is None:
            self._start()
        return await future

    def close(self) -> None:
        """Do all that waits, and end the thread; the next thing starts another."""
        with self._starting:
            thread, self._thread = self._thread, None
            if thread:
                self._waiting.put(None)
                thread.join()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def _run(self) -> None:
        try:
            while self._round():
                pass
        finally:
            connection.close()

    def _round(self) -> bool:
        """Do what waits, at most ``MOST``; False when the thread is to end."""
        try:
            first = self._waiting.get(timeout=_IDLE_SECONDS)
        except queue.Empty:
            connection.close()
            first = self._waiting.get()
        asked: list[_Asked] = []
        while first is not None:
            asked.append(first)
            if len(asked) == MOST or self._waiting.empty():
                break
            first = self._waiting.get()
        for work in self._works:
            if some := [one for one in asked if one.work is work]:
                _resolve(some, _done(work, [one.thing for one in some]))
        return first is not None


def _done(work: Work[Any, Any], things: list[Any]) -> list[Any]:
    try:
        outcomes = list(work.all_of(things))
    except Exception:
        # One among them cannot be written, or the line to the database is gone: each for itself.
        log.warning("%d things could not be done in one go.", len(things), exc_info=True)
        connection.close()
        outcomes = [ALONE] * len(things)
    return [
        _alone(work, thing) if outcome is ALONE else outcome
        for thing, outcome in zip(things, outcomes, strict=True)
    ]


def _alone(work: Work[Any, Any], thing: Any) -> Any:
    try:
        try:
            return work.one_of(thing)
        except (OperationalError, InterfaceError):
            connection.close()
            return work.one_of(thing)  # done twice is done once
    except Exception as trouble:  # whoever asked for it gets to know
        return _Failed(trouble)


def _resolve(asked: list[_Asked], outcomes: list[Any]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for one, outcome in zip(asked, outcomes, strict=True):
        by_loop.setdefault(one.future.get_loop(), []).append((one.future, outcome))
    for loop, some in by_loop.items():
        try:
            loop.call_soon_threadsafe(_tell, some)
        except RuntimeError:  # the loop is closed, and nobody waits any more
            log.warning("%d outcomes came after their loop had ended.", len(some))


def _tell(some: list[tuple["asyncio.Future[Any]", Any]]) -> None:
    for future, outcome in some:
        if future.done():
            continue
        if isinstance(outcome, _Failed):
            future.set_exception(outcome.trouble)
        else:
            future.set_result(outcome)
