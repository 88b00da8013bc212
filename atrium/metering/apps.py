from importlib import import_module

from django.apps import AppConfig

PARTS = ("options", "allowances", "dead_calls", "jobs", "meter", "told")


class MeteringConfig(AppConfig):
    name = "atrium.metering"

    def ready(self) -> None:
        for part in PARTS:
            import_module(f"{self.name}.{part}")
