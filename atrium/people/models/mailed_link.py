from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models


class MailedLinkQuerySet(models.QuerySet["MailedLink"]):
    def good(self, *, at: datetime) -> Self:
        """Those that would still work."""
        return self.filter(used_at=None, ended_at=None, expires_at__gt=at)


class MailedLink(models.Model):
    """A link sent to one mail address, for one purpose, once; its token is kept as a hash."""

    class Opens(models.TextChoices):
        CONFIRM = "confirm"
        RESET = "reset"

    opens = models.CharField(max_length=7, choices=Opens.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="mailed_links"
    )
    address = models.ForeignKey("account.EmailAddress", models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # a later one stands in its place

    objects = MailedLinkQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(ended_at=None),
                name="people_mailed_link_ends_one_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opens} link until {self.expires_at}"
