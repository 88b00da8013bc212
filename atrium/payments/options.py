from django.utils.translation import gettext_lazy as _

from atrium.options.registry import Kind, Option, register

register(
    Option(
        key="payments.open_hours",
        kind=Kind.INTEGER,
        default=24,
        minimum=1,
        maximum=720,
        description=_(
            "After how many hours a payment that nobody paid is given up. Money that comes later"
            " still counts."
        ),
    ),
    Option(
        key="payments.refund_alone_most",
        kind=Kind.INTEGER,
        default=500,
        minimum=0,
        maximum=1_000_000_000,
        description=_(
            "Up to which amount, in whole units of its currency, one person of finance may have"
            " money paid back; more needs a second one."
        ),
    ),
    Option(
        key="payments.deliveries_kept_days",
        kind=Kind.INTEGER,
        default=90,
        minimum=7,
        maximum=3650,
        description=_("For how many days what gateways delivered is kept in the console's log."),
    ),
)
