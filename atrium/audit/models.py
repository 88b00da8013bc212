import json
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ChainHead(models.Model):
    """The end of the chain: the one row whose update puts writers in line."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    length = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="audit_chain_has_one_head"),
        ]

    def __str__(self) -> str:
        return f"{self.length} entries"


class AuditEntry(models.Model):
    """One thing that was done; never changed, never removed."""

    # Given by the head of the chain and not by a sequence: it has no holes and says the order.
    number = models.BigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("when"), db_index=True)
    by = models.CharField(_("who"), max_length=80, db_index=True)
    action = models.CharField(_("what"), max_length=80, db_index=True)
    about_kind = models.CharField(_("about what"), max_length=40, blank=True)
    about_id = models.CharField(_("which"), max_length=120, blank=True)
    address = models.CharField(_("from where"), max_length=45, blank=True)
    # The very characters that were hashed: a JSON column would rewrite numbers and order.
    detail_json = models.TextField(_("details"), default="{}")
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["-number"]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes: ClassVar = [
            models.Index(fields=["about_kind", "about_id", "-number"], name="audit_about"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.action}"

    @property
    def detail(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.detail_json)
        return found
