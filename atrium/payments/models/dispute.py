from typing import ClassVar

from django.db import models

from atrium.kit.ids import new_id
from atrium.payments.models.payment import Payment
from atrium.payments.states import DisputeRank


class Dispute(models.Model):
    """Somebody's bank wants the money back; what was bought with it rests until that is decided."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="disputes")
    reference = models.CharField(max_length=190)
    amount_minor = models.BigIntegerField()
    rank = models.PositiveSmallIntegerField(choices=DisputeRank.choices, default=DisputeRank.OPENED)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["payment", "reference"], name="payments_a_dispute_counts_once"
            ),
        ]

    def __str__(self) -> str:
        return f"dispute over {self.amount_minor} of {self.payment_id}"
