from django.apps import AppConfig

from atrium.web import lifespan


class OptionsConfig(AppConfig):
    name = "atrium.options"

    def ready(self) -> None:
        from atrium.options import listening, rooms, sealed  # noqa: F401, PLC0415

        rooms.take_the_switch()
        lifespan.register(listening.start, listening.stop, name="options")
