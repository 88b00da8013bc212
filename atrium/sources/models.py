from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.files.models import File
from atrium.kit.ids import new_id
from atrium.people.models import Owned, OwnedQuerySet


class Collection(Owned):
    """Documents that somebody keeps and asks together."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title


class DocumentQuerySet(OwnedQuerySet):
    def ready(self) -> Self:
        return self.filter(state=Document.State.READY)

    def being_read(self) -> Self:
        return self.filter(state__in=[Document.State.WAITING, Document.State.READING])


class Document(Owned):
    """A file as text: read once, cut into passages."""

    class State(models.TextChoices):
        WAITING = "waiting", gettext_lazy("Waiting to be read")
        READING = "reading", gettext_lazy("Being read")
        READY = "ready", gettext_lazy("Read")
        FAILED = "failed", gettext_lazy("Could not be read")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    collection = models.ForeignKey(
        Collection, models.SET_NULL, null=True, blank=True, related_name="documents"
    )
    file = models.ForeignKey(File, models.PROTECT, related_name="documents")
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    failure = models.CharField(max_length=300, blank=True)
    characters = models.PositiveBigIntegerField(default=0)
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta(Owned.Meta):
        constraints: ClassVar = [
            *Owned.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state="ready", read_at__isnull=False) | ~Q(state="ready"),
                name="sources_read_document_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(failure=""),
                name="sources_failed_document_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Passage(models.Model):
    """A piece of a document that can be quoted, with where it stands.

    The database keeps a full-text index over ``text`` beside this table (see the first migration).
    """

    document = models.ForeignKey(Document, models.CASCADE, related_name="passages")
    number = models.PositiveIntegerField()
    text = models.TextField()
    page = models.PositiveIntegerField(null=True, blank=True)
    first_line = models.PositiveIntegerField(null=True, blank=True)
    last_line = models.PositiveIntegerField(null=True, blank=True)
    first_second = models.FloatField(null=True, blank=True)
    heading = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["document", "number"], name="sources_passages_are_numbered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} #{self.number}"

    def place_of(self, words: str) -> str:
        """Where to look ``words`` up, in the reader's language: a page, a line, or a moment."""
        if self.page is not None:
            return _("page %(page)d") % {"page": self.page}
        if self.first_second is not None:
            minutes, seconds = divmod(int(self.first_second), 60)
            return f"{minutes}:{seconds:02}"
        if self.first_line is None:
            return ""
        first, last = self._lines_of(words)
        if first == last:
            return _("line %(line)d") % {"line": first}
        return _("lines %(first)d–%(last)d") % {"first": first, "last": last}

    def _lines_of(self, words: str) -> tuple[int, int]:
        """Return the lines that ``words`` begin and end on; all of the passage's when not found."""
        first = self.first_line or 1
        whole = (first, self.last_line or first)
        start = as_one_line(self.text).find(as_one_line(words))
        lines = self.text.split("\n")
        if start < 0 or len(lines) != whole[1] - whole[0] + 1:
            return whole
        end = start + len(as_one_line(words)) - 1
        reached, found = -1, list(whole)
        for number, line in enumerate(lines, start=first):
            begins = reached + 1
            reached += len(as_one_line(line)) + 1 if line.strip() else 0
            found[0] = number if begins <= start < reached else found[0]
            found[1] = number if begins <= end < reached else found[1]
        return found[0], found[1]


def as_one_line(text: str) -> str:
    """Return ``text`` with every run of white space as one space, as quotes are compared."""
    return " ".join(text.split())
