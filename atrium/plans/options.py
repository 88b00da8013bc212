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

MOST_PER_DOLLAR = 100_000

register(
    Option(
        key="credits.per_dollar",
        kind=Kind.INTEGER,
        default=10,
        minimum=1,
        maximum=MOST_PER_DOLLAR,
        description=_(
            "How many credits a dollar buys when people choose the amount themselves. What was"
            " bought before stays as it was."
        ),
    ),
    Option(
        key="credits.least_cents",
        kind=Kind.INTEGER,
        default=100,
        minimum=1,
        maximum=100_000,
        description=_("The least that people may pay when they choose the amount, in US cents."),
    ),
    Option(
        key="credits.most_cents",
        kind=Kind.INTEGER,
        default=100_000,
        minimum=1,
        maximum=100_000_000,
        description=_("The most that people may pay when they choose the amount, in US cents."),
    ),
    Option(
        key="credits.start",
        kind=Kind.INTEGER,
        default=0,
        minimum=0,
        maximum=1_000_000,
        description=_("How many credits somebody gets with a new account, once; 0 for none."),
    ),
    Option(
        key="credits.low",
        kind=Kind.INTEGER,
        default=5,
        minimum=0,
        maximum=1_000_000,
        description=_(
            "Below how many credits people are told that they run low, unless they chose another"
            " number; 0 for never."
        ),
    ),
    Option(
        key="credits.spent_before_refund",
        kind=Kind.STRING,
        default="owed",
        choices=("owed", "written_off"),
        description=_(
            "What becomes of credits that were spent before their payment went back: they are owed,"
            " and paid from what comes next, or they are written off."
        ),
    ),
)
