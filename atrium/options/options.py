"""Options of the floors below this one, which cannot declare their own."""

from django.utils.translation import gettext_lazy as _

from atrium.options.registry import Kind, Option, register

register(
    Option(
        key="metrics.token",
        kind=Kind.STRING,
        default="",
        maximum=200,
        description=_(
            "The word that opens /metrics as “Authorization: Bearer …”. Without one it is open to"
            " this machine only, and behind a proxy to nobody."
        ),
        secret=True,
    )
)
