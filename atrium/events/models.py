from typing import ClassVar

from django.db import models
from django.db.models import Q


class RecordedEvent(models.Model):
    """A fact, stored in the transaction that made it true; its listeners' jobs name it."""

    name = models.CharField(max_length=120)
    payload = models.JSONField()
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class Stream(models.Model):
    """What one audience (``person:…``, ``guest:…``) has been told so far, as a number."""

    audience = models.CharField(max_length=80, primary_key=True)
    last_seq = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(last_seq__gte=1), name="events_stream_counts_from_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.audience} at {self.last_seq}"


class StreamEvent(models.Model):
    """One thing told to one audience; ``seq`` counts from 1 without a hole."""

    stream = models.ForeignKey(Stream, models.CASCADE, related_name="events", db_index=False)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=60)
    payload = models.JSONField()
    told_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["stream", "seq"], name="events_seq_once_per_stream"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id} {self.seq}: {self.kind}"
