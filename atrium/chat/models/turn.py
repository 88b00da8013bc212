from typing import TYPE_CHECKING, ClassVar, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.chat.models.chat import Chat
from atrium.engines.models import Model
from atrium.kit.ids import new_id
from atrium.metering.models import Receipt

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from atrium.chat.models.picture import AskedPicture


class Asker(NamedTuple):
    """Who said something, as everybody in the chat reads it."""

    name: str
    portrait_url: str
    is_you: bool

    def __str__(self) -> str:
        return self.name


class Turn(models.Model):
    """One thing said. A question is whole at once; an answer is being written until it ended.

    Turns form a tree: ``parent`` is what this one follows. Questions that follow the same answer
    are versions of each other, and so are answers to the same question.
    """

    moves_with_claim: ClassVar[bool] = True
    pictures: "RelatedManager[AskedPicture]"

    class Role(models.TextChoices):
        ASKED = "asked", _("Question")
        ANSWERED = "answered", _("Answer")

    class State(models.TextChoices):
        WRITING = "writing", _("Being written")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="turns")
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children"
    )
    role = models.CharField(max_length=8, choices=Role.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    guest = models.ForeignKey(
        "people.Guest", models.PROTECT, null=True, blank=True, related_name="+"
    )
    model = models.ForeignKey(Model, models.PROTECT, null=True, blank=True, related_name="+")
    receipt = models.OneToOneField(
        Receipt, models.PROTECT, null=True, blank=True, related_name="turn"
    )
    # What wrote it, by its name there, when it was brought here from another place.
    elsewhere = models.CharField(max_length=120, blank=True)
    key = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=10, blank=True)
    text = models.TextField(blank=True)
    # What the model thought to itself before it said the text; shown apart, and never said again.
    thoughts = models.TextField(blank=True)
    tokens = models.PositiveIntegerField(default=0)  # of the text, by our own count
    # Earlier turns that no longer fitted into what the model takes in.
    left_out = models.PositiveIntegerField(default=0)
    # Asked together with another answer to the same question, and not yet chosen between.
    beside = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DONE)
    failure = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    alive_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)  # by moderators, from everybody

    # Told by ``branches.tell_versions``: this turn and those that stand in its place elsewhere.
    versions: "tuple[UUID, ...]" = ()
    # Told by ``queries``: the answers that this one stands beside.
    others: "tuple[Turn, ...]" = ()
    # Told by ``access.say_who_asked``, where others take part.
    asker: "Asker | None" = None

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="writing", ended_at=None)
                | ~Q(state="writing") & Q(ended_at__isnull=False),
                name="chat_ended_turn_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(role="answered")
                | ~Q(elsewhere="")
                | Q(model__isnull=False, receipt__isnull=False, parent__isnull=False),
                name="chat_answer_has_model_receipt_and_question",
            ),
            models.UniqueConstraint(
                fields=["chat", "key"], name="chat_turn_asked_once", condition=~Q(key="")
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["chat", "id"], name="chat_turns_in_order"),
            models.Index(fields=["chat", "parent", "id"], name="chat_turns_versions"),
            models.Index(
                fields=["alive_until"], name="chat_turns_writing", condition=Q(state="writing")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} in {self.chat_id}"

    @property
    def is_answer(self) -> bool:
        return self.role == self.Role.ANSWERED

    @property
    def speaker(self) -> str:
        """What wrote this answer: a model of ours, or one of the place it was brought from."""
        return self.model.title if self.model else self.elsewhere

    @property
    def said(self) -> str:
        """The text, for whoever may see this turn."""
        return "" if self.hidden_at else self.text

    @property
    def is_writing(self) -> bool:
        return self.state == self.State.WRITING

    @property
    def version(self) -> int:
        """Which of its versions this is, counted from one."""
        return self.versions.index(self.pk) + 1 if self.pk in self.versions else 1

    @property
    def version_before(self) -> UUID | None:
        return self.versions[self.version - 2] if self.version > 1 else None

    @property
    def version_after(self) -> UUID | None:
        return self.versions[self.version] if self.version < len(self.versions) else None
