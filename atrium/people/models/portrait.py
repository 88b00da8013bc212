from typing import Self

from django.conf import settings
from django.db import models

from atrium.people.caller import Caller


class PortraitQuerySet(models.QuerySet["Portrait"]):
    def visible_to(self, caller: Caller) -> Self:
        """One's own; staff who help or judge people see everybody's."""
        if caller.is_staff_of("support") or caller.is_staff_of("moderation"):
            return self
        return self.filter(person=caller.person) if caller.person else self.none()


class Portrait(models.Model):
    """The picture a person shows of themselves: a small square, drawn anew from what they sent.

    ``User.portrait_mark`` names the one that stands, so that a page need not look here.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="portrait"
    )
    content = models.BinaryField()
    kept_at = models.DateTimeField()

    objects = PortraitQuerySet.as_manager()

    def __str__(self) -> str:
        return f"picture of {self.person_id}"
