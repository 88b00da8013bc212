from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "atrium.people"

    def ready(self) -> None:
        from atrium.people import (  # noqa: PLC0415
            foot,  # noqa: F401
            gate,  # noqa: F401
            guest_card,
            jobs,  # noqa: F401
            options,  # noqa: F401
            preferences,
            reactions,  # noqa: F401
            rescue_verb,  # noqa: F401
            sealed,  # noqa: F401
            second_factor_verb,  # noqa: F401
            staff_gate,  # noqa: F401
        )
        from atrium.web.shell import on_preferences, register_meter  # noqa: PLC0415

        on_preferences(preferences.keep)
        register_meter(guest_card.card)
