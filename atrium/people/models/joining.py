from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.people.models.invitation import Invitation


class Joining(models.Model):
    """How somebody came in where not everybody may: invited, or waiting for a word.

    ``User.waits_since`` is empty from the moment the account is open.
    """

    class WaitsFor(models.TextChoices):
        NOTHING = "", _("Nothing")
        APPROVAL = "approval", _("An administrator")
        ADDRESS = "address", _("The mail address to be confirmed")

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="joining", primary_key=True
    )
    waits_for = models.CharField(max_length=8, choices=WaitsFor.choices, blank=True)
    invitation = models.ForeignKey(
        Invitation, models.SET_NULL, null=True, blank=True, related_name="joinings"
    )
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)  # an audience, as the audit list has
    is_declined = models.BooleanField(default=False)
    sentence = models.CharField(max_length=300, blank=True)  # what the person is told with it

    class Meta:
        verbose_name = _("request to join")
        verbose_name_plural = _("requests to join")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_declined=False) | Q(decided_at__isnull=False),
                name="people_joining_is_declined_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)
