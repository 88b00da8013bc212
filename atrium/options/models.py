from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Setting(models.Model):
    """An option that somebody changed from its default."""

    key = models.CharField(_("key"), max_length=80, primary_key=True)
    text = models.TextField(_("value"), blank=True)  # sealed where the option is a secret
    changed_by = models.CharField(_("changed by"), max_length=80)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        ordering: ClassVar = ["key"]
        verbose_name = _("option")
        verbose_name_plural = _("options")

    def __str__(self) -> str:
        return self.key
