from django.conf import settings
from django.db import models


class RescueCode(models.Model):
    """Sets a new password once, without mail; no code of a second factor. Kept as a hash."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="rescue_codes"
    )
    code_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"rescue code of {self.person_id}"
