from django.utils.translation import gettext_lazy as _

from atrium.options.registry import Kind, Option, register

register(
    Option(
        key="compat.calls_per_minute",
        kind=Kind.INTEGER,
        default=600,
        minimum=1,
        maximum=10_000_000,
        description=_("How many calls one key may make under /v1 within a minute."),
    ),
)
