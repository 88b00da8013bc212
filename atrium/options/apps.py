from django.apps import AppConfig


class OptionsConfig(AppConfig):
    name = "atrium.options"

    def ready(self) -> None:
        from atrium.options import rooms  # noqa: PLC0415

        rooms.take_the_switch()
