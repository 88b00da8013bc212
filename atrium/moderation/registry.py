"""What can be reported. A room registers its own kinds in ``<app>/reportable.py``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.utils.functional import Promise

from atrium.people.caller import Caller
from atrium.people.models import User


@dataclass(frozen=True, slots=True)
class Found:
    """What a reporter pointed at; ``person`` made it, unless a guest did or a model.

    ``excerpt`` is all that moderators see of it, so it holds what is needed to judge.
    """

    title: str
    excerpt: str
    url: str
    person: User | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a thing, for whoever breaks the glass; ``persons`` are told of that."""

    lines: tuple[str, ...]
    persons: tuple[User, ...]


class Find(Protocol):
    """Return the thing if the caller may see it."""

    def __call__(self, thing_id: UUID, /, *, caller: Caller) -> Found | None: ...


class Act(Protocol):
    """Hide the thing from everybody, or show it again; False when it is gone."""

    def __call__(self, thing_id: UUID, /, *, at: datetime) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reportable:
    """A kind of thing. Without ``hide`` it cannot be hidden, without ``around`` not looked into."""

    key: str
    title: str | Promise
    find: Find
    hide: Act | None = None
    restore: Act | None = None
    around: Callable[[UUID], Surroundings | None] | None = None


_kinds: dict[str, Reportable] = {}


def register(*kinds: Reportable) -> None:
    """Make kinds known; a key stands once."""
    for kind in kinds:
        _kinds[kind.key] = kind


def kind_of(key: str) -> Reportable | None:
    return _kinds.get(key)


def title_of(key: str) -> str:
    """Return what things of this kind are called, also when their room is gone."""
    kind = _kinds.get(key)
    return str(kind.title) if kind else key
