from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class UsedCode(models.Model):
    """The latest half-minute whose code a person gave: none opens again, nor one before it."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="used_code"
    )
    step = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(step__gte=0), name="people_code_step_is_a_count"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: step {self.step}"
