"""Which deeds plans count by the month. A room above registers its own."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that people do so often a month; ``say(3)`` returns “3 pictures a month”."""

    key: str
    title: str | Promise
    say: Callable[[int], str]
    order: int = 100


_deeds: dict[str, Deed] = {}


def register(deed: Deed) -> None:
    _deeds[deed.key] = deed


def forget(key: str) -> None:
    """Take back what ``register`` said."""
    _deeds.pop(key, None)


def every_deed() -> list[Deed]:
    return sorted(_deeds.values(), key=lambda deed: (deed.order, deed.key))


def deed_of(key: str) -> Deed | None:
    """Return the deed, or None when the room that counted it is gone."""
    return _deeds.get(key)
