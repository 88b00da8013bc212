from typing import ClassVar

from django.db import models
from django.db.models import Q


class Window(models.Model):
    """The tokens of somebody's plan in the six hours that run, or ran last.

    ``held`` is set aside for calls under way; ``number`` tells one window of a holder from the
    next, so that a call ends in the window that it began in. One without times has not begun.
    """

    holder = models.CharField(max_length=64, unique=True)
    number = models.PositiveBigIntegerField(default=0)
    opened_at = models.DateTimeField(null=True, blank=True)
    resets_at = models.DateTimeField(null=True, blank=True)
    used = models.PositiveBigIntegerField(default=0)
    held = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(opened_at=None, resets_at=None, used=0, held=0)
                | Q(opened_at__isnull=False, resets_at__isnull=False),
                name="metering_only_an_open_window_is_used",
            ),
            # Databases differ in what they do about a sum below nothing: none may be reached.
            models.CheckConstraint(
                condition=Q(used__gte=0, held__gte=0), name="metering_window_not_below_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} {self.used}+{self.held}"
