from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "atrium.web"

    def ready(self) -> None:
        from atrium.web import checks  # noqa: F401, PLC0415
