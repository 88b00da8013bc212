from importlib import import_module

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "atrium.ledger"

    def ready(self) -> None:
        import_module("atrium.ledger.claim")
        import_module("atrium.ledger.jobs")
        import_module("atrium.ledger.news")
