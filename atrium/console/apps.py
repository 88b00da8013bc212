from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _

from atrium.web.console import register_tiles
from atrium.web.shell import Room, register_room


class ConsoleConfig(AppConfig):
    name = "atrium.console"
    default = True

    def ready(self) -> None:
        from atrium.console.overview import tiles  # noqa: PLC0415

        register_tiles(tiles)
        register_room(Room("console", _("Console"), "admin:index", "console", 900, who="staff"))


class SiteConfig(admin_apps.AdminConfig):
    """Django's admin with our site, and without its own log: the audit list is the only one."""

    default = False
    default_site = "atrium.console.site.Console"

    def import_models(self) -> None:
        self.models = apps.all_models[self.label]
        self.models_module = None
