from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlansConfig(AppConfig):
    name = "atrium.plans"
    verbose_name = _("Plans")

    def ready(self) -> None:
        for part in ("options", "personal", "hooks"):
            import_module(f"{self.name}.{part}")
