from django.apps import AppConfig


class SourcesConfig(AppConfig):
    name = "atrium.sources"

    def ready(self) -> None:
        from atrium.sources import claim, jobs, reactions  # noqa: F401, PLC0415
