import json
from typing import ClassVar

from django.db import models

from atrium.kit.secrets import seal, unseal


class GatewaySetting(models.Model):
    """How the operator set up one gateway: whether it is offered, for what, and with which keys."""

    slug = models.CharField(max_length=20, primary_key=True)
    is_enabled = models.BooleanField(default=True)
    currencies = models.CharField(max_length=300, blank=True)  # all that it takes when empty
    order = models.PositiveSmallIntegerField(default=100)
    sealed_keys = models.TextField(blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["order", "slug"]

    def __str__(self) -> str:
        return self.slug

    @property
    def purpose(self) -> str:
        """What the keys are sealed for: moved to another gateway they do not open."""
        return f"payments.gateway:{self.slug}"

    @property
    def keys(self) -> dict[str, str]:
        if not self.sealed_keys:
            return {}
        found: dict[str, str] = json.loads(unseal(self.sealed_keys, self.purpose))
        return found

    @keys.setter
    def keys(self, keys: dict[str, str]) -> None:
        self.sealed_keys = seal(json.dumps(keys), self.purpose) if keys else ""


class GatewayHealth(models.Model):
    """Whether a gateway answers; one that does not is left alone for a while."""

    slug = models.CharField(max_length=20, primary_key=True)
    failures = models.PositiveIntegerField(default=0)  # in a row
    rests_until = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.slug}: {self.failures}"
