from django.utils.translation import gettext_lazy as _

from atrium.engines.suggestion import OPTION
from atrium.options.registry import Kind, Option, register

register(
    Option(
        key="engines.guest_calls_a_day",
        kind=Kind.INTEGER,
        default=500,
        minimum=0,
        maximum=1_000_000,
        description=_(
            "How many questions all visitors without an account together may put to connected"
            " engines in a day (UTC). Zero leaves them Reader alone."
        ),
    ),
    Option(
        key=OPTION,
        kind=Kind.BOOLEAN,
        default=True,
        description=_(
            "Whether administrators see a card that says how to connect a model, while nothing but"
            " Reader answers."
        ),
    ),
)
