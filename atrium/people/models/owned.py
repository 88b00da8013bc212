from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from atrium.people.caller import Caller


class OwnedQuerySet(models.QuerySet[Any]):
    """The one way in to rows that belong to somebody."""

    def of(self, caller: Caller) -> Self:
        """Rows that are this caller's own."""
        if caller.person:
            return self.filter(person=caller.person)
        if caller.guest:
            # A claimed guest's cookie opens nothing any more: the rows are the person's.
            return self.filter(guest=caller.guest, person=None)
        return self.none()

    def visible_to(self, caller: Caller) -> Self:
        """Rows that this caller may see; a room with sharing widens it."""
        return self.of(caller)


class Owned(models.Model):
    """Made by a person, or by a guest whom a person may claim later; ``guest`` stays after that.

    A claim gives the person every row of the guest, unless ``moves_with_claim`` is False and the
    room sees to it itself (``people.comes_along``). An undo gives back those that have both.
    """

    moves_with_claim: ClassVar[bool] = True

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    guest = models.ForeignKey(
        "people.Guest", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(guest__isnull=False),
                name="%(app_label)s_%(class)s_has_an_owner",
            ),
        ]

    @property
    def audience(self) -> str:
        """The stream of whoever owns this."""
        return f"person:{self.person_id}" if self.person_id else f"guest:{self.guest_id}"
