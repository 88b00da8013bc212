"""Which jobs exist, which come by the clock, and who wants to know about their endings.

Filled while the apps come up, from each app's ``jobs.py``.
"""

import inspect
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol, TypeVar, get_type_hints
from uuid import UUID

from django.db import transaction

from atrium.jobs.cron import parse as parse_cron
from atrium.jobs.models import Job, Priority
from atrium.jobs.run import GiveUp, ProgressListener, Run, progress_listeners

__all__ = ["GiveUp", "Priority", "Run", "every", "job", "on_dead", "on_ended", "on_progress"]

logger = logging.getLogger(__name__)

Handler = TypeVar("Handler", bound=Callable[..., None])


class EndingListener(Protocol):
    """Called in the transaction in which the job ends."""

    def __call__(self, job: Job, *, at: datetime) -> None: ...


class UnknownJob(LookupError):
    """No app registered a job of this name."""


@dataclass(frozen=True)
class Kind:
    """A registered job: what runs, and how it is treated."""

    name: str
    handler: Callable[..., None]
    priority: Priority = Priority.NORMAL
    attempts: int = 3
    is_long: bool = False
    seconds: float = 60
    dead_listeners: list[EndingListener] = field(default_factory=list)
    cancelled_listeners: list[EndingListener] = field(default_factory=list)

    @cached_property
    def _parameters(self) -> list[inspect.Parameter]:
        return list(inspect.signature(self.handler).parameters.values())[1:]

    @cached_property
    def _readers(self) -> dict[str, Callable[[Any], Any]]:
        readers: dict[Any, Callable[[Any], Any]] = {UUID: UUID, datetime: datetime.fromisoformat}
        hints = get_type_hints(self.handler)
        return {
            one.name: readers[hints[one.name]]
            for one in self._parameters
            if hints.get(one.name) in readers
        }

    @cached_property
    def _names(self) -> tuple[frozenset[str], frozenset[str]]:
        """The arguments that must be there, and those that may."""
        needed = (one.name for one in self._parameters if one.default is one.empty)
        return frozenset(needed), frozenset(one.name for one in self._parameters)

    def check(self, arguments: dict[str, Any]) -> None:
        """:raises TypeError: when the function would not take these arguments"""
        needed, known = self._names
        if not needed <= arguments.keys() <= known:
            wrong = sorted((needed - arguments.keys()) | (arguments.keys() - known))
            raise TypeError(f"{self.name}: missing or unknown {', '.join(wrong)}")

    def read(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Turn what JSON made text back into the UUIDs and datetimes the function declares."""
        return {
            name: self._readers[name](value) if name in self._readers and value else value
            for name, value in arguments.items()
        }


@dataclass(frozen=True)
class Rhythm:
    """How often a job comes by the clock: every so many seconds, or by a cron expression."""

    name: str
    seconds: int = 0
    cron: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)

    def next_after(self, at: datetime) -> datetime:
        """Whole multiples of the period, so that a restart does not push the next one off."""
        return next_after(seconds=self.seconds, expression=self.cron, at=at)


def next_after(*, seconds: int, expression: str, at: datetime) -> datetime:
    """Return when a job of this rhythm comes next after ``at``."""
    if expression:
        return parse_cron(expression).next_after(at)
    begun = int(at.timestamp()) // seconds
    return datetime.fromtimestamp((begun + 1) * seconds, tz=at.tzinfo)


_kinds: dict[str, Kind] = {}
_rhythms: dict[str, Rhythm] = {}
_ended: list[EndingListener] = []


def job(
    name: str,
    *,
    priority: Priority = Priority.NORMAL,
    attempts: int = 3,
    long: bool = False,
    seconds: float | None = None,
) -> Callable[[Handler], Handler]:
    """Register ``def f(run: Run, *, …)`` under ``name``.

    Not ``long``: the function and the job's completion are one transaction, so its effects happen
    once; it must not wait for anything. ``long``: no transaction is around it; it writes inside
    ``with run.writing():`` and may run again after a crash. A run that takes more than ``seconds``
    is taken for stuck: its lease is no longer extended.
    """

    def register(function: Handler) -> Handler:
        if name in _kinds and _kinds[name].handler.__qualname__ != function.__qualname__:
            raise ValueError(f"Two jobs are called {name}.")
        _kinds[name] = Kind(
            name=name,
            handler=function,
            priority=priority,
            attempts=attempts,
            is_long=long,
            seconds=seconds or (3600 if long else 60),
        )
        return function

    return register


def every(name: str, every: timedelta | None = None, *, cron: str = "", **arguments: Any) -> None:
    """Have the job ``name`` enqueued by the clock (UTC), once however many workers there are."""
    seconds = int(every.total_seconds()) if every else 0
    rhythm = Rhythm(name=name, seconds=seconds, cron=cron, arguments=arguments)
    if bool(seconds) == bool(cron):
        raise ValueError(f"{name}: give a period of whole seconds, or a cron expression.")
    if cron:
        parse_cron(cron)
    _rhythms[name] = rhythm


def never(name: str) -> None:
    """Take back what ``every`` said of the job ``name``."""
    _rhythms.pop(name, None)


def on_dead(name: str) -> Callable[[EndingListener], EndingListener]:
    """Have ``def f(job, *, at)`` called in the transaction in which a job ``name`` dies."""

    def register(listener: EndingListener) -> EndingListener:
        kind_of(name).dead_listeners.append(listener)
        return listener

    return register


def on_cancelled(name: str) -> Callable[[EndingListener], EndingListener]:
    """Have ``def f(job, *, at)`` called in the transaction in which a job ``name`` is cancelled."""

    def register(listener: EndingListener) -> EndingListener:
        kind_of(name).cancelled_listeners.append(listener)
        return listener

    return register


def on_progress(listener: ProgressListener) -> ProgressListener:
    """Have ``listener(job)`` called, at most twice a second and job, with the progress set."""
    progress_listeners.append(listener)
    return listener


def on_ended(listener: EndingListener) -> EndingListener:
    """Have ``listener(job, at=…)`` called in the transaction in which any job ends."""
    _ended.append(listener)
    return listener


def forget(listener: EndingListener | ProgressListener) -> None:
    """Stop telling what ``on_ended`` or ``on_progress`` registered."""
    for listeners in (_ended, progress_listeners):
        if listener in listeners:
            listeners.remove(listener)  # type: ignore[arg-type]


def kind_of(name: str) -> Kind:
    """:raises UnknownJob: when nobody registered it"""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownJob(name) from None


def rhythms() -> list[Rhythm]:
    return list(_rhythms.values())


def tell_ended(ended: Job, *, at: datetime) -> None:
    """Call whoever listens for this ending, in the caller's transaction.

    What a listener raises takes a job that is done back with it, to be tried again. A failure or a
    cancelling stands whatever a listener does, or the job would never end.
    """
    kind = _kinds.get(ended.name)
    listeners = list(_ended)
    if kind and ended.state == Job.State.FAILED:
        listeners += kind.dead_listeners
    if kind and ended.state == Job.State.CANCELLED:
        listeners += kind.cancelled_listeners
    for listener in listeners:
        if ended.state == Job.State.DONE:
            listener(ended, at=at)
            continue
        try:
            with transaction.atomic():
                listener(ended, at=at)
        except Exception:
            logger.exception("%s: a listener for its ending failed", ended)
