from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from atrium.kit.ids import new_id
from atrium.payments.models.payment import Payment
from atrium.payments.states import RefundRank


class Refund(models.Model):
    """Money that goes back: asked for by staff here, or made at the gateway and found there.

    Its id is the key that the gateway is given, so that asking twice pays back once.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    reference = models.CharField(max_length=190, blank=True)  # the gateway's, once it is known
    amount_minor = models.BigIntegerField()
    rank = models.PositiveSmallIntegerField(choices=RefundRank.choices, default=RefundRank.ASKED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True)
    why = models.CharField(max_length=300, blank=True)  # it failed
    # Money that came, and was never counted as the payment's: nothing is reversed for it.
    is_stray = models.BooleanField(default=False)
    needs_second = models.BooleanField(default=False)  # so much goes back only when two say so
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)  # how often the gateway was called
    called_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="payments_refund_of_something"
            ),
            models.UniqueConstraint(
                fields=["payment", "reference"],
                condition=~Q(reference=""),
                name="payments_a_refund_counts_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} back of {self.payment_id}"

    @property
    def waits_for_second(self) -> bool:
        return self.needs_second and self.approved_at is None and self.rank == RefundRank.ASKED
