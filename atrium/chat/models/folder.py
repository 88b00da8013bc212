from django.db import models

from atrium.kit.ids import new_id
from atrium.people.models import Owned, OwnedQuerySet


class Folder(Owned):
    """Chats that somebody keeps together; its instructions are given with each of their questions.

    A chat counts as being in it only while both are the same owner's.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=60)
    instructions = models.TextField(blank=True)
    made_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title
