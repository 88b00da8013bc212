from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "atrium.people"

    def ready(self) -> None:
        from atrium.people import jobs  # noqa: F401, PLC0415
