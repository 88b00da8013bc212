"""Who hears from whom, and who may decide about what."""

from typing import Any

from django.db.models import Q, QuerySet

from atrium.moderation.models import Block
from atrium.people.caller import Caller
from atrium.people.models import User


def blocked_between(a: User | None, b: User | None) -> bool:
    """Whether one of two blocks the other."""
    if a is None or b is None:
        return False
    either = Q(person=a, blocked=b) | Q(person=b, blocked=a)
    return Block.objects.filter(either).exists()


def without_blocked(
    rows: "QuerySet[Any]", caller: Caller, *, column: str = "person"
) -> "QuerySet[Any]":
    """Leave out what was made by whom the caller blocks, or by who blocks the caller.

    ``column`` leads from the rows to whoever made them; what nobody made stays.
    """
    if caller.person is None:
        return rows
    mine = Block.objects.filter(person=caller.person, blocked__isnull=False).values("blocked")
    theirs = Block.objects.filter(blocked=caller.person).values("person")
    apart = Q(**{f"{column}__in": mine}) | Q(**{f"{column}__in": theirs})
    # Said with IS NULL, since NOT IN is neither true nor false for what nobody made.
    return rows.filter(Q(**{f"{column}__isnull": True}) | ~apart)


def moderators() -> list[User]:
    """Everybody who may decide."""
    staff = User.objects.filter(is_active=True).exclude(role=User.Role.USER, staff_areas=[])
    return [person for person in staff if person.is_staff_of("moderation")]


def others_may_decide(*people: User | None) -> bool:
    """Whether there is a moderator beside these."""
    taken = {person.pk for person in people if person}
    return any(person.pk not in taken for person in moderators())
