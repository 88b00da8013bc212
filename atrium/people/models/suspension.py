from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from atrium.kit.ids import new_id


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    def not_ended(self) -> Self:
        return self.filter(ended_at=None)

    def standing(self, *, at: datetime) -> Self:
        """Those that keep somebody out now: not lifted, and their time is not over."""
        return self.not_ended().filter(Q(until=None) | Q(until__gt=at))

    def over(self, *, at: datetime) -> Self:
        """Those whose time is over and that nobody noted as ended yet."""
        return self.not_ended().filter(until__lte=at)


class Suspension(models.Model):
    """Why somebody was kept out, by whom, and until when; for ever when ``until`` is empty."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="suspensions")
    reason = models.TextField(blank=True)  # the statement that the person reads
    by = models.CharField(max_length=80)  # an audience, ``system`` or ``console:<user>``
    made_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=80, blank=True)  # "" when its time was over

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(ended_at=None),
                name="people_one_suspension_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("made_at")),
                name="people_suspension_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} until {self.until or '—'}"

    def is_over(self, *, at: datetime) -> bool:
        return self.ended_at is not None or (self.until is not None and self.until <= at)
