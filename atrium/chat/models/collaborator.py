from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.chat.models.chat import Chat
from atrium.kit.ids import new_id

STANDING = ("invited", "joined")


class CollaboratorQuerySet(models.QuerySet[Any]):
    def taking_part(self) -> Self:
        return self.filter(state=Collaborator.State.JOINED)

    def standing(self) -> Self:
        """Those that count: who was invited and may still answer, and who takes part."""
        return self.filter(state__in=STANDING)


class Collaborator(models.Model):
    """Somebody whom the owner of a chat asks into it, and what became of that.

    ``asked_for`` is what the owner wrote: a name, or a mail address. A name that nobody has, and an
    address that nobody confirmed, is kept like any other: were it not, inviting would tell which
    there are. ``person`` stands from the beginning for a name, and from the yes on for an address.
    """

    class Role(models.TextChoices):
        VIEW = "view", _("May read")
        EDIT = "edit", _("May write")

    class State(models.TextChoices):
        INVITED = "invited", _("Invited")
        JOINED = "joined", _("Takes part")
        DECLINED = "declined", _("Declined")
        LEFT = "left", _("Left")
        REMOVED = "removed", _("Removed")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="collaborators")
    asked_for = models.CharField(max_length=254)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    role = models.CharField(max_length=4, choices=Role.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.INVITED)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CollaboratorQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["chat", "asked_for"],
                condition=Q(state__in=STANDING),
                name="chat_one_invitation_by_one_name",
            ),
            models.UniqueConstraint(
                fields=["chat", "person"],
                condition=Q(state="joined"),
                name="chat_takes_part_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="joined") | Q(person__isnull=False, answered_at__isnull=False),
                name="chat_who_takes_part_said_yes",
            ),
            models.CheckConstraint(
                condition=Q(state__in=STANDING, ended_at=None)
                | ~Q(state__in=STANDING) & Q(ended_at__isnull=False),
                name="chat_ended_part_has_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person", "state"], name="chat_parts_of_a_person"),
            models.Index(
                fields=["asked_for"],
                condition=Q(state="invited", person=None),
                name="chat_waiting_for_an_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_for} in {self.chat_id}: {self.state}"

    @property
    def takes_part(self) -> bool:
        return self.state == self.State.JOINED

    @property
    def may_edit(self) -> bool:
        return self.role == self.Role.EDIT
