from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id
from atrium.people.models import Owned, OwnedQuerySet, User


class ExportQuerySet(OwnedQuerySet):
    def newest_first(self) -> Self:
        return self.order_by("-asked_at", "-id")

    def by_the_owner(self) -> Self:
        """Copies that people asked for themselves, which alone they can download."""
        return self.filter(reason="")

    def ready(self, *, at: datetime) -> Self:
        return self.filter(state=Export.State.READY, expires_at__gt=at)

    def expired(self, *, at: datetime) -> Self:
        return self.filter(state=Export.State.READY, expires_at__lte=at)


class Export(Owned):
    """A copy of all that is somebody's, as one zip, until it expires.

    With a ``reason`` it was made by ``asked_by`` for the house, not by its owner: glass was broken.
    """

    class State(models.TextChoices):
        MAKING = "making", _("Being made")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Could not be made")
        CANCELLED = "cancelled", _("Called off")
        GONE = "gone", _("Expired")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    asked_by = models.CharField(max_length=80)  # an audience, or ``console:<user>``
    reason = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    language = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.MAKING)
    job_id = models.UUIDField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    # Foretold, so that a second try writes over what a killed one left.
    storage_name = models.CharField(max_length=64, blank=True)
    draft_name = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, db_index=True)

    objects = ExportQuerySet.as_manager()

    class Meta(Owned.Meta):
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        constraints: ClassVar = [
            *Owned.Meta.constraints,
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state="making", reason=""),
                name="privacy_one_export_of_a_person_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["guest"],
                condition=Q(state="making", reason="", person=None),
                name="privacy_one_export_of_a_guest_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready")
                | Q(ready_at__isnull=False, expires_at__isnull=False) & ~Q(storage_name=""),
                name="privacy_ready_export_has_bytes_and_times",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d} {self.state}"

    @property
    def is_broken_glass(self) -> bool:
        return self.reason != ""


class ErasureQuerySet(models.QuerySet["Erasure"]):
    def standing(self) -> Self:
        """Asked for, and neither called off nor done."""
        return self.filter(state__in=[Erasure.State.ASKED, Erasure.State.ERASING])

    def due(self, *, at: datetime) -> Self:
        return self.filter(state=Erasure.State.ASKED, due_at__lte=at)


class Erasure(models.Model):
    """Somebody's end here: asked for, thought over, done or called off."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked for")
        ERASING = "erasing", _("Being erased")
        DONE = "done", _("Erased")
        KEPT = "kept", _("Called off")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    guest = models.ForeignKey(
        "people.Guest", models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_by = models.CharField(max_length=80)
    reason = models.CharField(max_length=300, blank=True)  # of staff, for the person to read
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.ASKED)
    begun_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)  # the last letter went out
    ended_at = models.DateTimeField(null=True, blank=True)
    job_id = models.UUIDField(null=True, blank=True)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(person=None, guest__isnull=False) | Q(person__isnull=False, guest=None),
                name="privacy_erasure_is_of_a_person_or_a_guest",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state__in=["asked", "erasing"]),
                name="privacy_one_erasure_of_a_person_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["guest"],
                condition=Q(state__in=["asked", "erasing"]),
                name="privacy_one_erasure_of_a_guest_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "erasing"], ended_at=None)
                | Q(state__in=["done", "kept"], ended_at__isnull=False),
                name="privacy_ended_erasure_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "kept"]) | Q(begun_at__isnull=False),
                name="privacy_erasing_says_when_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state}, due {self.due_at:%Y-%m-%d}"

    @property
    def whose(self) -> str:
        """The audience of whom it ends."""
        return f"person:{self.person_id}" if self.person_id else f"guest:{self.guest_id}"


class Holder(User):
    """A person as somebody whose data the house keeps: the console's view of it."""

    class Meta:
        proxy = True
        verbose_name = _("person’s data")
        verbose_name_plural = _("people’s data")
