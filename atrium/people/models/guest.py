from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from atrium.kit.ids import new_id


class Guest(models.Model):
    """A visitor without an account, known by a random cookie of which we keep the hash."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    network = models.CharField(max_length=64, blank=True)  # where they came from, as a keyed hash
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="claimed_guests",
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    # What was made under this choice stays so for others, whoever claims it.
    anonymous_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(claimed_by=None, claimed_at=None)
                | Q(claimed_by__isnull=False, claimed_at__isnull=False),
                name="people_claim_has_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"guest {self.pk}"
