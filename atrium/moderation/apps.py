from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ModerationConfig(AppConfig):
    name = "atrium.moderation"
    verbose_name = _("Moderation")

    def ready(self) -> None:
        for part in ("options", "notices", "gauges", "profiles", "personal", "words"):
            import_module(f"{self.name}.{part}")
