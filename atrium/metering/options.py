from django.utils.translation import gettext_lazy as _

from atrium.options.registry import Kind, Option, register

register(
    Option(
        key="metering.unlimited_ceiling",
        kind=Kind.INTEGER,
        default=0,
        minimum=0,
        maximum=10**15,
        description=_(
            "How many tokens in six hours a plan without a limit may use before it is taken for"
            " abuse; 0 for no such ceiling."
        ),
    ),
    Option(
        key="metering.keep_log_days",
        kind=Kind.INTEGER,
        default=400,
        minimum=62,
        maximum=36_500,
        description=_(
            "How many days the log of what people did is kept. Receipts stay as long as the books."
        ),
    ),
)
