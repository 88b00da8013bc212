from django.db import models


class Attempt(models.Model):
    """How often something bounded was tried in its present window; the count is exact."""

    bucket = models.CharField(max_length=100, unique=True)
    used = models.PositiveIntegerField()
    window_ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.bucket}: {self.used}"
