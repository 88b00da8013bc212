from django.apps import AppConfig

from atrium.web import lifespan, metrics


class OptionsConfig(AppConfig):
    name = "atrium.options"

    def ready(self) -> None:
        from atrium.options import listening, options, queries, rooms, sealed  # noqa: F401, PLC0415

        rooms.take_the_switch()
        metrics.token = lambda: str(queries.value("metrics.token"))
        lifespan.register(listening.start, listening.stop, name="options")
