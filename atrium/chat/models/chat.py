from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from atrium.chat.models.folder import Folder
from atrium.engines.models import Model
from atrium.kit.ids import new_id
from atrium.people.caller import Caller
from atrium.people.models import Owned, OwnedQuerySet


class ChatQuerySet(OwnedQuerySet):
    def visible_to(self, caller: Caller) -> Self:
        """Their own, and those in which they take part, while these are not in the trash."""
        if caller.person is None:
            return self.of(caller)
        return self.filter(Q(person=caller.person) | self._taken_part_in(caller))

    def shared_with(self, caller: Caller) -> Self:
        """Others' chats in which the caller takes part."""
        if caller.person is None:
            return self.none()
        return self.filter(self._taken_part_in(caller))

    def _taken_part_in(self, caller: Caller) -> Q:
        theirs = {"collaborators__person": caller.person, "collaborators__state": "joined"}
        return Q(pk__in=Chat.objects.filter(**theirs).values("pk"), deleted_at=None)

    def kept(self) -> Self:
        return self.filter(deleted_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-touched_at", "-id")


class Chat(Owned):
    """A conversation with models: a tree of turns, of which one branch is shown.

    ``chosen`` is the last turn of that branch; the newest of all while it names none. ``system``
    and what follows it are what the owner wants of answers, and ``preset`` where they come from.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=200, blank=True)
    chosen = models.UUIDField(null=True, blank=True, editable=False)
    model = models.ForeignKey(Model, models.SET_NULL, null=True, blank=True, related_name="+")
    preset = models.ForeignKey(
        "chat.Preset", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    system = models.TextField(blank=True)
    temperature = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(2)]
    )
    most_tokens = models.PositiveIntegerField(null=True, blank=True)
    folder = models.ForeignKey(Folder, models.SET_NULL, null=True, blank=True, related_name="chats")
    renamed_at = models.DateTimeField(null=True, blank=True)
    pinned_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)
    treat_tokens = models.PositiveBigIntegerField(null=True, blank=True)
    treat_is_monthly = models.BooleanField(default=False)

    # Told by ``access.seen_by``: whether who looks is its owner, and may ask and change things.
    is_own: bool = True
    may_edit: bool = True
    # Told by ``access.seen_by``: whether others take part, or did, and who looks.
    has_others: bool = False
    seen_as: Caller | None = None

    objects = ChatQuerySet.as_manager()

    class Meta(Owned.Meta):
        constraints: ClassVar = [*Owned.Meta.constraints]
        indexes: ClassVar = [
            models.Index(fields=["person", "-touched_at", "-id"], name="chat_chats_of_a_person"),
            models.Index(fields=["guest", "-touched_at", "-id"], name="chat_chats_of_a_guest"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.pk)

    @property
    def shelf(self) -> Folder | None:
        """The folder that it is in, as long as both are the same owner's."""
        folder = self.folder
        return folder if folder and folder.audience == self.audience else None
