from typing import ClassVar, Self

from django.db import models

from atrium.kit.ids import new_id
from atrium.people.models import Owned, OwnedQuerySet


class ChatQuerySet(OwnedQuerySet):
    def kept(self) -> Self:
        return self.filter(deleted_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-touched_at", "-id")


class Chat(Owned):
    """A conversation with models."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=200, blank=True)
    renamed_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ChatQuerySet.as_manager()

    class Meta(Owned.Meta):
        constraints: ClassVar = [*Owned.Meta.constraints]
        indexes: ClassVar = [
            models.Index(fields=["person", "-touched_at", "-id"], name="chat_chats_of_a_person"),
            models.Index(fields=["guest", "-touched_at", "-id"], name="chat_chats_of_a_guest"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.pk)
