from typing import ClassVar

from django.db import models


class IdempotentRequest(models.Model):
    """A call that was sent with an ``Idempotency-Key``, and what it was answered.

    The answer is sealed: it may hold a key that is shown once.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"

    caller = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=7, choices=State.choices, default=State.RUNNING)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    sealed_answer = models.TextField(blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["caller", "key"], name="api_one_request_per_key"),
        ]

    def __str__(self) -> str:
        return f"{self.caller} {self.key}"
