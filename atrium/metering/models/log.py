from typing import ClassVar

from django.db import models

from atrium.engines.models import Model
from atrium.metering.models.receipt import Receipt
from atrium.people.models import Owned, OwnedQuerySet


class UsageLog(Owned):
    """Something that somebody did or had done: whether it came about, and what it took.

    ``action`` is of ``metering.deeds``; ``units`` are its pieces, or the seconds of what is counted
    in minutes. A call to a model has its ``receipt``. ``charged`` is micro-credits.
    """

    action = models.CharField(max_length=40)
    about_kind = models.CharField(max_length=40, blank=True)
    about_id = models.UUIDField(null=True, blank=True)
    receipt = models.OneToOneField(
        Receipt, models.SET_NULL, null=True, blank=True, related_name="log"
    )
    model = models.ForeignKey(Model, models.SET_NULL, null=True, blank=True, related_name="+")
    success = models.BooleanField()
    units = models.PositiveBigIntegerField(default=1)
    tokens = models.PositiveBigIntegerField(default=0)
    charged = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField()
    counted_at = models.DateTimeField()  # the same, by the clock that months of plans go by

    objects = OwnedQuerySet.as_manager()

    class Meta(Owned.Meta):
        constraints: ClassVar = [*Owned.Meta.constraints]
        indexes: ClassVar = [
            models.Index(fields=["person", "counted_at"], name="metering_log_of_person"),
            models.Index(fields=["guest", "counted_at"], name="metering_log_of_guest"),
            models.Index(fields=["-at", "-id"], name="metering_log_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {'done' if self.success else 'failed'}"
