"""The calls that this process is answering: written down each second, ended when it ends."""

import asyncio
import contextvars
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from atrium.compat import actions, charging
from atrium.compat.actions import Begun, Delivered, Ending
from atrium.engines.protocol import Usage
from atrium.kit import clock
from atrium.kit.errors import TooMany
from atrium.kit.limits import LIMITS
from atrium.kit.offload import offload
from atrium.people.caller import Caller
from atrium.web import drain

KEEP_EVERY = 1.0
log = logging.getLogger(__name__)
Outcome = TypeVar("Outcome")


class TooManyAtOnce(TooMany):
    """As many calls of this key are being answered as it may have."""

    code = "too_many_at_once"


@dataclass(eq=False)
class Serving:
    """One call from its hold to its settle."""

    call_id: UUID
    begun: Begun
    tokens_in: int
    said: Callable[[], int]
    """Our own count of the tokens that were delivered."""
    usage: Callable[[], Usage | None] = lambda: None
    """What the engine says it used, once it has ended."""
    guessed: int = 0
    """How many of the tokens asked with are for pictures."""
    fixed: Callable[[], int | None] = lambda: None
    """What is charged beside tokens, in micro-credits; None for all that was set aside for it."""
    task: "asyncio.Task[object] | None" = None
    was_kept: bool = False
    has_delivered: bool = False
    is_ending: bool = False
    is_ended: bool = False

    def so_far(self) -> Delivered:
        return Delivered(self.call_id, self.tokens_in, self.said())

    def delivered(self) -> Delivered | None:
        """Return what is charged for by our own count."""
        if not self.has_delivered:
            return None
        so_far = self.so_far()
        # What a picture costs is a guess: where the engine has counted, that stands.
        return (
            so_far._replace(tokens_in=so_far.tokens_in - self.guessed) if self.usage() else so_far
        )


@dataclass
class Switchboard:
    """Everything here runs in the event loop's thread."""

    _serving: set[Serving] = field(default_factory=set)
    _by_key: Counter[str] = field(default_factory=Counter)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _keeper: "asyncio.Task[None] | None" = None
    _loop: asyncio.AbstractEventLoop | None = None
    _forget_drain: Callable[[], None] | None = None

    async def open(self) -> None:
        self._loop, self._writing = asyncio.get_running_loop(), asyncio.Lock()
        self._keeper = self._loop.create_task(self._keep(), context=contextvars.Context())
        self._forget_drain = drain.on_drain(self._end_all_soon)

    async def close(self) -> None:
        """End what is being answered, and wait until each is settled."""
        if self._forget_drain:
            self._forget_drain()
        if self._keeper:
            self._keeper.cancel()
        self._end_all()
        await asyncio.gather(
            *(one.task for one in self._serving if one.task), return_exceptions=True
        )
        await asyncio.to_thread(charging.charges.close)
        self._loop = None

    @contextmanager
    def place_for(self, caller: Caller) -> Iterator[None]:
        """Count a call of this key while it is answered.

        :raises TooManyAtOnce: when it is one too many
        """
        name = str(caller.key.pk) if caller.key else caller.audience
        used = self._by_key[name]
        if used >= LIMITS.calls_per_key:
            raise TooManyAtOnce(
                _("%(used)d calls of this key are being answered already.") % {"used": used},
                limit=LIMITS.calls_per_key,
                used=used,
                way_on=_("Wait for one of them, or use another key."),
            )
        self._by_key[name] += 1
        try:
            yield
        finally:
            self._by_key[name] -= 1
            if not self._by_key[name]:
                del self._by_key[name]

    async def serve(self, serving: Serving, work: Awaitable[Outcome]) -> Outcome:
        """Do ``work``, and settle whatever becomes of it, before this returns or raises."""
        serving.task = asyncio.current_task()
        self._serving.add(serving)
        try:
            return await work
        finally:
            try:
                if not serving.is_ended:  # most have: no task is made only to find that out
                    await unbroken(self.end(serving))
            finally:
                self._serving.discard(serving)

    async def end(self, serving: Serving) -> None:
        """Charge for what was delivered; a second time changes nothing."""
        serving.is_ending = True
        if serving.was_kept:
            async with self._writing:  # or its row would be written once more after it is gone
                await self._end(serving)
        else:
            await self._end(serving)

    async def _end(self, serving: Serving) -> None:
        if serving.is_ended:
            return
        await charging.end(
            Ending(
                receipt=serving.begun.receipt,
                delivered=serving.delivered(),
                said=serving.usage(),
                was_kept=serving.was_kept,
                fixed=serving.fixed(),
                at=clock.now(),
            )
        )
        serving.is_ended = True

    async def keep(self) -> None:
        """Write down how much of each call was delivered."""
        async with self._writing:
            running = [one for one in self._serving if not one.is_ending]
            for one in running:
                one.was_kept = True
            if so_far := [one.so_far() for one in running]:
                await offload(actions.keep_calls, so_far=so_far, at=clock.now())

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(KEEP_EVERY)
            try:
                await self.keep()
            except Exception:
                log.exception("What was delivered could not be written down; trying again.")

    def _end_all_soon(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end_all)

    def _end_all(self) -> None:
        for one in list(self._serving):
            if one.task:
                one.task.cancel()


switchboard = Switchboard()


async def unbroken(work: Awaitable[Outcome]) -> Outcome:
    """Finish ``work`` even when the task that waits for it is cancelled meanwhile."""
    inner = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(inner)
    except asyncio.CancelledError:
        await inner
        raise
