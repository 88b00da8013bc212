from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from atrium.plans.models.plan import UNLIMITED, Plan


class Allowance(models.Model):
    """How often in a month a plan lets one do something that a room registered.

    An action without a row is not counted by that plan.
    """

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="allowances")
    action = models.CharField(max_length=40)  # of plans.allowances
    per_month = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "action"], name="plans_one_allowance_each"),
            models.CheckConstraint(
                condition=Q(per_month__gte=UNLIMITED),
                name="plans_allowance_is_a_number_or_unlimited",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.per_month}"


class AllowanceUse(models.Model):
    """How much of an allowance somebody used in the period that began then.

    The period is part of the name, so a new one begins at nothing without a job. ``holder`` is
    ``person:…`` or ``guest:…``; an account begins anew, whatever its guest used.
    """

    holder = models.CharField(max_length=64)
    action = models.CharField(max_length=40)
    period_began_at = models.DateTimeField()
    used = models.PositiveBigIntegerField(default=0)

    objects: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["holder", "action", "period_began_at"], name="plans_used_counted_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} {self.action}: {self.used}"
