from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from atrium.kit.ids import new_id
from atrium.people.caller import Caller

UNDO_WITHIN = timedelta(hours=24)


class ClaimQuerySet(models.QuerySet["Claim"]):
    def visible_to(self, caller: Caller) -> Self:
        """The claims that this person made; a guest has none."""
        if caller.person is None:
            return self.none()
        return self.filter(person=caller.person)

    def standing(self) -> Self:
        return self.filter(undone_at=None)

    def can_be_undone(self, *, at: datetime) -> Self:
        return self.standing().filter(claimed_at__gt=at - UNDO_WITHIN)

    def newest_first(self) -> Self:
        return self.order_by("-claimed_at", "-id")


class Claim(models.Model):
    """A guest turned out to be this person, and what the guest had made came along.

    ``number`` counts the claims of one guest: whoever undid one may bring it along again.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    guest = models.ForeignKey("people.Guest", models.PROTECT, related_name="claims")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="claims")
    number = models.PositiveSmallIntegerField(default=1)
    claimed_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["guest"],
                condition=Q(undone_at=None),
                name="people_a_guest_is_claimed_by_one",
            ),
            models.UniqueConstraint(
                fields=["guest", "number"], name="people_claims_of_a_guest_are_numbered"
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None) | Q(undone_at__gte=F("claimed_at")),
                name="people_claim_is_undone_after_it_was_made",
            ),
        ]

    def __str__(self) -> str:
        return f"claim of guest {self.guest_id}"

    @property
    def undo_until(self) -> datetime:
        return self.claimed_at + UNDO_WITHIN


class ClaimCount(models.Model):
    """How many rows of one table came along; ``shown`` of them are what people would count."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="counts")
    what = models.CharField(max_length=60)  # the table, as Django labels it
    rows = models.PositiveIntegerField()
    shown = models.PositiveIntegerField()
    gone_back = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["claim", "what"], name="people_a_claim_counts_each_table_once"
            ),
            models.CheckConstraint(
                condition=Q(shown__lte=F("rows")), name="people_a_claim_shows_what_came"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rows} of {self.what}"
