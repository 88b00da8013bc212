from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "atrium.people"

    def ready(self) -> None:
        from atrium.people import jobs, preferences, reactions, sealed  # noqa: F401, PLC0415
        from atrium.web.shell import on_preferences  # noqa: PLC0415

        on_preferences(preferences.keep)
