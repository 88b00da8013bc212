from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from atrium.engines.models import Model
from atrium.kit.ids import new_id
from atrium.people.caller import Caller


class PresetQuerySet(models.QuerySet[Any]):
    def visible_to(self, caller: Caller) -> Self:
        """The operator's, and the caller's own."""
        own = Q(person=caller.person) if caller.person else Q(pk=None)
        return self.filter(own | Q(person=None))

    def that_may_be_changed_by(self, caller: Caller) -> Self:
        """The caller's own, and the operator's for an administrator."""
        mine = Q(person=caller.person) if caller.person else Q(pk=None)
        return self.filter(mine | Q(person=None) if caller.is_admin else mine)

    def in_order(self) -> Self:
        return self.order_by("title", "id")


class Preset(models.Model):
    """A model with instructions and settings, to begin chats with.

    The operator's, offered to everybody, when it has no ``person``.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    title = models.CharField(max_length=60)
    model = models.ForeignKey(Model, models.SET_NULL, null=True, blank=True, related_name="+")
    system = models.TextField(blank=True)
    temperature = models.FloatField(null=True, blank=True)
    most_tokens = models.PositiveIntegerField(null=True, blank=True)
    made_at = models.DateTimeField()

    objects = PresetQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "title"],
                name="chat_preset_of_a_person_has_a_name",
                condition=Q(person__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["title"],
                name="chat_preset_of_the_house_has_a_name",
                condition=Q(person=None),
            ),
        ]

    def __str__(self) -> str:
        return self.title
