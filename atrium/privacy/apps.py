from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "atrium.privacy"
    verbose_name = _("Privacy")

    def ready(self) -> None:
        for app in apps.get_app_configs():  # each room says itself what it keeps of people
            if app.name.startswith("atrium.") and module_has_submodule(app.module, "personal"):
                import_module(f"{app.name}.personal")
        for part in (
            "options",
            "notices",
            "jobs",
            "holding",
            "words",
            "room",
            "reactions",
            "verbs",
        ):
            import_module(f"{self.name}.{part}")
