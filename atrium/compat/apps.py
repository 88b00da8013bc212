from importlib import import_module

from django.apps import AppConfig


class CompatConfig(AppConfig):
    name = "atrium.compat"

    def ready(self) -> None:
        from atrium.compat.errors import told  # noqa: PLC0415
        from atrium.compat.switchboard import switchboard  # noqa: PLC0415
        from atrium.web import guard, lifespan  # noqa: PLC0415

        for part in ("dead_calls", "jobs", "options"):
            import_module(f"{self.name}.{part}")
        guard.speak("/v1/", lambda refusal: told(refusal).raw)
        lifespan.register(switchboard.open, switchboard.close, name="compatible calls")
