from django.apps import AppConfig


class HandbookConfig(AppConfig):
    name = "atrium.handbook"

    def ready(self) -> None:
        from atrium.handbook import foot  # noqa: F401, PLC0415
