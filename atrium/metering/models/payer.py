from typing import ClassVar

from django.db import models
from django.db.models import Q


class CreditsPay(models.Model):
    """What somebody said about their credits: whether they pay where the window does not reach."""

    holder = models.CharField(max_length=64, primary_key=True)
    allowed = models.BooleanField()
    said_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.holder}: {'yes' if self.allowed else 'no'}"


class Share(models.Model):
    """How many tokens of somebody else's others used, and have set aside, under one name.

    The name is the room's (``chat:<uuid>``); how many they may use comes with each call.
    """

    name = models.CharField(max_length=120, unique=True)
    tokens = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(tokens__gte=0), name="metering_share_not_below_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.tokens}"
