from importlib import import_module

from django.apps import AppConfig


class MeteringConfig(AppConfig):
    name = "atrium.metering"

    def ready(self) -> None:
        for part in ("options", "dead_calls", "told"):
            import_module(f"{self.name}.{part}")
