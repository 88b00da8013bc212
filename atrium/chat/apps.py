from importlib import import_module

from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "atrium.chat"

    def ready(self) -> None:
        for part in (
            *("claim", "dead_answers", "imported_bytes", "jobs", "notices"),
            *("options", "reportable", "reportable_copies", "room", "sealed"),
        ):
            import_module(f"{self.name}.{part}")
