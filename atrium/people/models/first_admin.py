from typing import ClassVar

from django.db import models
from django.db.models import Q


class FirstAdminLink(models.Model):
    """The one way to become administrator while there is none; making it anew voids the last."""

    ONLY: ClassVar[int] = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    token_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="people_one_first_admin_link"),
        ]

    def __str__(self) -> str:
        return f"first administrator's link until {self.expires_at}"
