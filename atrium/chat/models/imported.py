from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id


class Import(models.Model):
    """Chats that a person brings from another place: a file, and how far it is taken in.

    Its bytes are removed when it ends. ``taken`` chats of ``found`` are done: ``brought`` are new
    here, ``known`` were here already, whether or not something was added to them.
    """

    class State(models.TextChoices):
        WORKING = "working", _("Being brought in")
        DONE = "done", _("Brought in")
        FAILED = "failed", _("Could not be read")
        CANCELLED = "cancelled", _("Called off")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)  # of the file, for showing
    state = models.CharField(max_length=9, choices=State.choices, default=State.WORKING)
    job_id = models.UUIDField(null=True, blank=True)
    storage_name = models.CharField(max_length=64, blank=True)
    draft_name = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    found = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)
    brought = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=300, blank=True)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state="working"),
                name="chat_one_import_of_a_person_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="working", ended_at=None)
                | ~Q(state="working") & Q(ended_at__isnull=False, storage_name=""),
                name="chat_ended_import_has_time_and_no_bytes",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person", "-begun_at"], name="chat_imports_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"
