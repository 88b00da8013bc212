from typing import ClassVar, Self

from django.conf import settings
from django.db import models


class LowBalance(models.Model):
    """From where on a person is told that their credits run low, and whether they are low now."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    below = models.PositiveBigIntegerField(null=True, blank=True)  # None: as the option says
    is_low = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.person_id} below {self.below}"


class Watch(models.Model):
    """How far the books were looked through for balances that fell."""

    name = models.CharField(primary_key=True, max_length=20)
    entry = models.BigIntegerField(default=0)

    objects: ClassVar[models.Manager[Self]] = models.Manager()

    def __str__(self) -> str:
        return f"{self.name} to {self.entry}"
