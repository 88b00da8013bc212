from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from atrium.payments.models.payment import Payment


class WebhookEvent(models.Model):
    """One thing a gateway told us, kept before anything is done about it."""

    class State(models.TextChoices):
        NEW = "new", _("Waiting")
        DONE = "done", _("Done")
        IGNORED = "ignored", _("Ignored")
        FAILED = "failed", _("Failed")
        FORGED = "forged", _("Refused")

    gateway = models.CharField(max_length=20)
    event_key = models.CharField(max_length=190)
    kind = models.CharField(max_length=80, blank=True)
    is_signed = models.BooleanField()
    hints = models.JSONField(default=list)  # whom it is about: all that is acted on
    payload = models.TextField(blank=True)  # for people to read, without what is nobody's business
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    payment = models.ForeignKey(
        Payment, models.SET_NULL, null=True, blank=True, related_name="deliveries"
    )
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)  # not before, after a gateway was silent
    error = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["gateway", "event_key"], name="payments_a_delivery_counts_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"], name="payments_new_deliveries", condition=models.Q(state="new")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.kind}"


class Inbox(models.Model):
    """The one row that says whether a job is on its way to what came in: there is one at most."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    is_rung = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="payments_one_inbox"),
        ]

    def __str__(self) -> str:
        return "rung" if self.is_rung else "quiet"
