from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

PARTS = (
    "options",
    "purpose",
    "credit_purpose",
    "notices",
    "personal",
    "hooks",
    "gifts",
    "jobs",
    "low_balance",
    "reactions",
    "told",
    "wallet_card",
    "buying_cards",
)


class PlansConfig(AppConfig):
    name = "atrium.plans"
    verbose_name = _("Plans")

    def ready(self) -> None:
        for part in PARTS:
            import_module(f"{self.name}.{part}")
