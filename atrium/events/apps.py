from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "atrium.events"

    def ready(self) -> None:
        from atrium.events import gauges, jobs, reactions  # noqa: F401, PLC0415
