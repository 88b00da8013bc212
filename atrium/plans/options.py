from django.utils.translation import gettext_lazy as _

from atrium.options.registry import Kind, Option, register

register(
    Option(
        key="plans.grace_days",
        kind=Kind.INTEGER,
        default=7,
        minimum=1,
        maximum=60,
        description=_(
            "How many days a plan goes on when its renewal was not paid, before it ends."
        ),
    ),
    Option(
        key="plans.retry_days",
        kind=Kind.STRING,
        default="1,3,5",
        maximum=60,
        description=_(
            "On which days of the grace a renewal that failed is charged again: whole numbers"
            " with commas between them."
        ),
    ),
    Option(
        key="plans.price_notice_days",
        kind=Kind.INTEGER,
        default=30,
        minimum=0,
        maximum=365,
        description=_(
            "How many days after a plan's price was raised running subscriptions still renew at"
            " what they paid before."
        ),
    ),
)
