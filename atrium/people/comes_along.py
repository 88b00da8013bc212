"""What comes along when a person claims a guest, and what goes back when they undo that.

Every table with ``moves_with_claim`` moves by itself. A room says here how its rows are counted in
words, which of them the person built on and keeps, and what else it does in the same transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.apps import apps
from django.db.models import Model, Q, QuerySet

from atrium.people.models import Claim, ClaimCount

Identities = QuerySet[Any, Any]
"""A query for keys of rows, none of them null."""


@dataclass(frozen=True, slots=True)
class Words:
    """How many rows of one table are told to people; ``shown`` are those that they would count."""

    say: Callable[[int], str]
    shown: Q


class Companion(Protocol):
    """What a room does in the transaction of a claim, besides its rows."""

    def come(self, claim: Claim, *, at: datetime, late: bool) -> None:
        """Take along what is not a row; once more, ``late``, for what was under way."""

    def go_back(self, claim: Claim, *, at: datetime) -> None:
        """Take it back.

        :raises Refusal: when that cannot be done any more; then nothing goes back
        """


_words: dict[str, Words] = {}
_kept: dict[str, list[Callable[[UUID], Identities]]] = {}
_companions: list[Companion] = []


def tell_of(model: type[Model], say: Callable[[int], str], *, shown: Q | None = None) -> None:
    """Count rows of ``model`` to people: ``say(3)`` returns “3 chats”."""
    _words[model._meta.label_lower] = Words(say, Q() if shown is None else shown)  # noqa: SLF001


def keep(model: type[Model], which: Callable[[UUID], Identities]) -> None:
    """Let the person keep, at an undo, the rows that ``which(person_id)`` names.

    Tables go back from the top floor down: what a room above kept is the person's by then.
    """
    _kept.setdefault(model._meta.label_lower, []).append(which)  # noqa: SLF001


def accompany(companion: Companion) -> None:
    _companions.append(companion)


def companions() -> list[Companion]:
    return list(_companions)


def moving_models() -> list[type[Model]]:
    """Return every table whose rows move with a claim, from the top floor down."""
    tables = [model for app in apps.get_app_configs() for model in reversed([*app.get_models()])]
    return [one for one in reversed(tables) if getattr(one, "moves_with_claim", False)]


def shown_of(model: type[Model]) -> Q | None:
    """Return which rows people would count; None when they are not told of this table."""
    words = _words.get(model._meta.label_lower)  # noqa: SLF001
    return words.shown if words else None


def kept_of(model: type[Model], *, person_id: UUID) -> list[Identities]:
    found = _kept.get(model._meta.label_lower, ())  # noqa: SLF001
    return [which(person_id) for which in found]


def in_words(counts: list[ClaimCount]) -> list[str]:
    """Say what came along, a table at a time: “3 chats”, “2 files”."""
    numbers = {count.what: count.shown for count in counts}
    return _say(numbers)


def left_in_words(claim: Claim) -> list[str]:
    """Say what the person kept at an undo, since they went on with it."""
    return owned_in_words(guest=claim.guest_id, person=claim.person_id)


def owned_in_words(**owner: Any) -> list[str]:
    """Say what somebody has now; ``owner`` are the fields by which their rows are found."""
    numbers = {}
    for model in moving_models():
        shown = shown_of(model)
        if shown is not None:
            rows = model._default_manager.filter(shown, **owner)  # noqa: SLF001
            numbers[model._meta.label_lower] = rows.count()  # noqa: SLF001
    return _say(numbers)


def _say(numbers: dict[str, int]) -> list[str]:
    order = [model._meta.label_lower for model in moving_models()]  # noqa: SLF001
    return [
        _words[what].say(numbers[what]) for what in order if what in _words and numbers.get(what)
    ]
