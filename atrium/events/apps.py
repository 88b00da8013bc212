from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "atrium.events"

    def ready(self) -> None:
        from atrium.events import jobs, reactions  # noqa: F401, PLC0415
