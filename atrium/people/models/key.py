from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from atrium.kit.credits import shown_balance, shown_charge
from atrium.kit.ids import new_id
from atrium.people.caller import Caller
from atrium.people.scopes import SCOPES


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def visible_to(self, caller: Caller) -> Self:
        return self.filter(person=caller.person) if caller.person else self.none()

    def usable(self, *, at: datetime) -> Self:
        return self.filter(revoked_at=None, person__is_active=True).filter(
            Q(expires_at=None) | Q(expires_at__gt=at)
        )


class ApiKey(models.Model):
    """Lets a program act for a person, within its scopes, until it expires or is revoked.

    ``spent`` is what its calls cost or may still cost, ``spend_limit`` what that may come to, both
    in micro-credits.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16)  # what a list may show
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    spend_limit = models.PositiveBigIntegerField(null=True, blank=True)
    spent = models.PositiveBigIntegerField(default=0)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(spend_limit=None) | Q(spent__lte=F("spend_limit")),
                name="people_key_spends_within_its_limit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def said_scopes(self) -> list[str]:
        """What it may do, in words."""
        return [str(SCOPES.get(scope, scope)) for scope in self.scopes]

    @property
    def spent_credits(self) -> str:
        return shown_charge(self.spent)

    @property
    def limit_credits(self) -> str:
        """What all its calls may cost; nothing when there is no limit."""
        return "" if self.spend_limit is None else shown_balance(self.spend_limit)
