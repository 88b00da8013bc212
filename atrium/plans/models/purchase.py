from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from atrium.kit.ids import new_id
from atrium.payments.models import Payment
from atrium.plans.models.package import Package


class Purchase(models.Model):
    """The credits that one payment gave, and what became of them when money went back.

    ``credits_back`` is their part in the money that went back; ``written_off`` is what of it had
    been spent and was not made a debt. All are micro-credits.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.OneToOneField(Payment, models.PROTECT, related_name="purchase")
    package = models.ForeignKey(Package, models.PROTECT, null=True, blank=True, related_name="+")
    credits = models.PositiveBigIntegerField()
    credits_back = models.PositiveBigIntegerField(default=0)
    written_off = models.PositiveBigIntegerField(default=0)
    frozen_key = models.CharField(max_length=160, blank=True)  # of the ledger's freeze
    given_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(credits_back__lte=F("credits"), written_off__lte=F("credits_back")),
                name="plans_no_more_back_than_was_bought",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.credits} by {self.payment_id}"
