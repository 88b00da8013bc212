"""Say that something happened, with the change that made it true, and be told of it later."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar

from django.db import transaction

from atrium.events import wire
from atrium.events.models import RecordedEvent
from atrium.jobs.actions import enqueue

DELIVER = "events.deliver"


def _name_in_product(module: str, name: str) -> str:
    """``atrium.sources.events`` and ``DocumentRead`` make ``sources.DocumentRead``."""
    parts = module.split(".")
    if parts[0] == "atrium" and parts[-1] == "events":
        parts = parts[1:-1]
    return ".".join([*parts, name])


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Base of every fact: a frozen dataclass named in the past tense, in an app's ``events.py``.

    Fields may be str, int, float, bool, None, UUID, date, datetime, a StrEnum, a frozen dataclass
    of these, and tuples and dicts of these. A new field needs a default, so that what was recorded
    before it can still be told.
    """

    event_name: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        cls.event_name = _name_in_product(cls.__module__, cls.__name__)
        _types[cls.event_name] = cls


_types: dict[str, type[Event]] = {}

E = TypeVar("E", bound=Event)
E_contra = TypeVar("E_contra", bound=Event, contravariant=True)


class Listener(Protocol[E_contra]):
    def __call__(self, event: E_contra, /, *, at: datetime) -> object: ...


_listeners: dict[type[Event], list[str]] = defaultdict(list)
_by_name: dict[str, tuple[type[Event], Listener[Any]]] = {}


def on(event_type: type[E]) -> Callable[[Listener[E]], Listener[E]]:
    """Register ``def listener(event, *, at)`` to be told of each ``event_type`` in the background.

    Each listener has a job of its own: what it writes and the end of that job commit together, so
    its effect happens exactly once; one that raises is tried again and keeps nobody else waiting.
    Listeners are not told in the order of recording.
    """

    def register(listener: Listener[E]) -> Listener[E]:
        function: Any = listener
        name = f"{function.__module__.removeprefix('atrium.')}.{function.__qualname__}"
        assert name not in _by_name, f"{name} already listens"
        _listeners[event_type].append(name)
        _by_name[name] = (event_type, listener)
        return listener

    return register


def record(event: Event, *, at: datetime) -> RecordedEvent:
    """Store ``event`` with the change that caused it, and a job for each of its listeners."""
    assert transaction.get_connection().in_atomic_block, (
        f"{event.event_name} must be recorded in the transaction of the change it tells of"
    )
    row = RecordedEvent.objects.create(
        name=event.event_name, payload=wire.encode(event), recorded_at=at
    )
    for listener in _listeners[type(event)]:
        enqueue(DELIVER, event_id=row.pk, listener=listener, at=at)
    return row


def deliver(*, event_id: int, listener: str, at: datetime) -> str:
    """Tell one listener of one recorded event; return why it could not be told, or nothing.

    A listener or an event that a newer version has removed is no fault. A stored event that its
    class no longer fits is one: it raises, and waits among the dead jobs for someone to look.
    """
    if listener not in _by_name:
        return f"nobody is called {listener} any more"
    row = RecordedEvent.objects.filter(pk=event_id).first()
    if row is None:
        return f"event {event_id} is no longer kept"
    event_type, function = _by_name[listener]
    if _types.get(row.name) is not event_type:
        return f"{row.name} is no longer an event"
    function(wire.decode(event_type, row.payload), at=at)
    return ""
