from typing import ClassVar

from django.db import models

from atrium.chat.models.turn import Turn
from atrium.sources.models import Passage


class Citation(models.Model):
    """The words of a source that an answer rests on; ``found`` when they really stand there."""

    turn = models.ForeignKey(Turn, models.CASCADE, related_name="citations")
    number = models.PositiveSmallIntegerField()
    passage = models.ForeignKey(Passage, models.SET_NULL, null=True, related_name="+")
    # Where it stands in the handbook instead (``handbook.book.Passage.ref``).
    handbook = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=200)
    place = models.CharField(max_length=80, blank=True)
    words = models.TextField()
    found = models.BooleanField()

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["turn", "number"], name="chat_citations_are_numbered"),
        ]

    def __str__(self) -> str:
        return f"[{self.number}] {self.title}"
