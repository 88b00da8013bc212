from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "atrium.notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        for part in ("notices", "jobs", "news", "reactions", "room"):
            import_module(f"{self.name}.{part}")
