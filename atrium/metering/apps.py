from importlib import import_module

from django.apps import AppConfig


class MeteringConfig(AppConfig):
    name = "atrium.metering"

    def ready(self) -> None:
        import_module("atrium.metering.dead_calls")
