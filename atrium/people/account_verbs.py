"""What `bin/atrium account` can do beside making one: rooms above add their verbs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.management.base import CommandParser

from atrium.kit.command import Answer
from atrium.people.models import User


@dataclass(frozen=True, slots=True)
class Verb:
    """``answer(person, by=…, **options)`` does it; ``by`` is ``console:<user>``."""

    name: str
    help: str
    answer: Callable[..., Answer]
    add_arguments: Callable[[CommandParser], object] = lambda parser: None

    def __call__(self, person: User, *, by: str, options: dict[str, Any]) -> Answer:
        return self.answer(person, by=by, **options)


_verbs: dict[str, Verb] = {}


def register(verb: Verb) -> None:
    _verbs[verb.name] = verb


def every_verb() -> list[Verb]:
    return [_verbs[name] for name in sorted(_verbs)]
