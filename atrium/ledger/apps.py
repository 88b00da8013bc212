from importlib import import_module

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "atrium.ledger"

    def ready(self) -> None:
        for part in ("claim", "jobs", "news", "options", "notices", "told"):
            import_module(f"{self.name}.{part}")
