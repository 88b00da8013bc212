from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "atrium.jobs"

    def ready(self) -> None:
        from atrium.jobs import gauges, jobs  # noqa: F401, PLC0415
