from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "atrium.api"

    def ready(self) -> None:
        from atrium.api import jobs, sealed  # noqa: F401, PLC0415
