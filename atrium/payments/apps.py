from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "atrium.payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        import_module("atrium.payments.gateways.sandbox.set_up")
        for part in ("options", "jobs", "told", "room", "sealed", "personal", "staff_notices"):
            import_module(f"{self.name}.{part}")
        for part in ("options", "files", "jobs", "notices", "personal", "issuing"):
            import_module(f"{self.name}.receipts.{part}")
