from django.apps import AppConfig


class EnginesConfig(AppConfig):
    name = "atrium.engines"

    def ready(self) -> None:
        from atrium.engines import options, sealed  # noqa: F401, PLC0415
        from atrium.engines.actions import offer_built_in  # noqa: PLC0415
        from atrium.kit import lines_out  # noqa: PLC0415
        from atrium.kit.offload import offload  # noqa: PLC0415
        from atrium.web import lifespan  # noqa: PLC0415

        async def start() -> None:
            await offload(offer_built_in)

        lifespan.register(start, lines_out.close, name="engines")
