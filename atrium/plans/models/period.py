from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id
from atrium.payments.models import Payment
from atrium.people.caller import Caller
from atrium.plans.models.plan import Plan
from atrium.plans.models.subscription import Subscription


class PeriodQuerySet(models.QuerySet["Period"]):
    def visible_to(self, caller: Caller) -> Self:
        if caller.person is None:
            return self.none()
        return self.filter(subscription__person=caller.person)


class Period(models.Model):
    """What one payment gave: a plan for a time, and credits. ``credits`` are micro-credits."""

    class Kind(models.TextChoices):
        START = "start", _("Began")
        RENEWAL = "renewal", _("Renewed")
        UPGRADE = "upgrade", _("Changed")
        EXTENSION = "extension", _("Extended by staff")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="periods")
    payment = models.OneToOneField(
        Payment, models.PROTECT, null=True, blank=True, related_name="period_of_a_plan"
    )
    kind = models.CharField(max_length=9, choices=Kind.choices)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+")
    plan_before = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="+")
    price_before_minor = models.PositiveBigIntegerField(default=0)  # a month of the plan before
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    credits = models.PositiveBigIntegerField(default=0)
    credits_back = models.PositiveBigIntegerField(default=0)
    frozen_key = models.CharField(max_length=160, blank=True)  # of the ledger's freeze
    taken_at = models.DateTimeField(null=True, blank=True)  # its money went back as a whole

    objects = PeriodQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(credits_back__lte=F("credits")),
                name="plans_no_more_credits_back_than_given",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subscription", "-began_at"], name="plans_periods_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.plan_id} {self.began_at:%Y-%m-%d}"
