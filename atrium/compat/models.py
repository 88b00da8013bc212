from datetime import datetime
from typing import ClassVar, Self

from django.db import models


class CallQuerySet(models.QuerySet["Call"]):
    def alive(self, *, at: datetime) -> Self:
        """Those whose process wrote them down not long ago."""
        return self.filter(alive_until__gte=at)


class Call(models.Model):
    """How much of a call was delivered so far, written down each second while it is answered.

    ``id`` is what its receipt is about. One that is answered within a second has no row.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    tokens_in = models.PositiveBigIntegerField()
    tokens_out = models.PositiveBigIntegerField()
    alive_until = models.DateTimeField(db_index=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.tokens_in}+{self.tokens_out} tokens of {self.pk}"
