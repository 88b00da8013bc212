from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from atrium.kit.ids import new_id
from atrium.people.caller import Caller


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def visible_to(self, caller: Caller) -> Self:
        return self.filter(person=caller.person) if caller.person else self.none()

    def usable(self, *, at: datetime) -> Self:
        return self.filter(revoked_at=None, person__is_active=True).filter(
            Q(expires_at=None) | Q(expires_at__gt=at)
        )


class ApiKey(models.Model):
    """Lets a program act for a person, within its scopes, until it expires or is revoked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16)  # what a list may show
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
