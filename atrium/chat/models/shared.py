from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from atrium.chat.models.chat import Chat
from atrium.chat.models.turn import Turn
from atrium.kit.ids import new_id
from atrium.people.caller import Caller
from atrium.sources.models import Document


class SharedCopyQuerySet(models.QuerySet[Any]):
    def visible_to(self, caller: Caller) -> Self:
        """Those that the caller made, ended ones too; who has a link needs no more than that."""
        return self.filter(person=caller.person) if caller.person else self.none()

    def unrevoked(self) -> Self:
        return self.filter(revoked_at=None)

    def standing(self, *, at: datetime) -> Self:
        """Those that their links open: nobody ended or hid them, and the chat is still theirs."""
        in_time = Q(expires_at=None) | Q(expires_at__gt=at)
        theirs = Q(chat__person=F("person"), chat__deleted_at=None, person__is_active=True)
        return self.unrevoked().filter(in_time, theirs, hidden_at=None)


class SharedCopy(models.Model):
    """What stood in a chat when its owner shared it; whoever has the link reads it.

    The token of the link is found by its digest, and sealed so that its owner can copy it again.
    A revoked copy has no turns any more, and is kept so that its link says that it ended.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="copies")
    digest = models.CharField(max_length=64, unique=True)
    sealed_token = models.TextField()
    # What a report names it by: as hard to guess as the link, and opening nothing of it.
    reported_as = models.UUIDField(default=uuid4, unique=True, editable=False)
    title = models.CharField(max_length=200, blank=True)
    is_listed = models.BooleanField(default=False)
    views = models.PositiveIntegerField(default=0)
    forks = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    frozen_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)  # by moderators, from everybody

    objects = SharedCopyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["chat"],
                condition=Q(revoked_at=None),
                name="chat_one_copy_of_a_chat_is_shared",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person", "-made_at"], name="chat_copies_of_a_person"),
            models.Index(
                fields=["-frozen_at", "-id"],
                condition=Q(is_listed=True, revoked_at=None),
                name="chat_copies_listed",
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(revoked_at=None),
                name="chat_copies_expiring",
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.pk)

    @property
    def token_purpose(self) -> str:
        """What the token is sealed for."""
        return f"chat.shared_copy:{self.pk}"

    def has_expired(self, *, at: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= at


class SharedTurn(models.Model):
    """A question or an answer as it was shared; it goes when the turn it was taken from goes.

    ``sources`` are what the answer quoted; those of files that were not shared have no words.
    """

    copy = models.ForeignKey(SharedCopy, models.CASCADE, related_name="turns")
    turn = models.ForeignKey(Turn, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    is_answer = models.BooleanField()
    speaker = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    tokens = models.PositiveIntegerField(default=0)
    sources = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["copy", "number"], name="chat_shared_turns_are_numbered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} of {self.copy_id}"


class SharedFile(models.Model):
    """A file of the chat that its owner chose to share along."""

    copy = models.ForeignKey(SharedCopy, models.CASCADE, related_name="files")
    document = models.ForeignKey(Document, models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["copy", "number"], name="chat_shared_files_are_numbered"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Fork(models.Model):
    """Says that a chat began as somebody's own copy of a shared one; not whose that was."""

    chat = models.OneToOneField(Chat, models.CASCADE, related_name="fork")
    copy = models.ForeignKey(SharedCopy, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.chat_id} from {self.copy_id}"
