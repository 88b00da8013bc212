from django.utils.translation import gettext_lazy as _

from atrium.options.registry import Kind, Option, register

register(
    Option(
        key="privacy.export_days",
        kind=Kind.INTEGER,
        default=7,
        minimum=1,
        maximum=90,
        description=_("How many days a copy of somebody’s data can be downloaded."),
    ),
    Option(
        key="privacy.grace_days",
        kind=Kind.INTEGER,
        default=14,
        minimum=0,
        maximum=365,
        description=_(
            "How many days a person may think it over before their account is erased; 0 erases it"
            " at once."
        ),
        dangerous=True,
    ),
    Option(
        key="privacy.export_largest_mb",
        kind=Kind.INTEGER,
        default=20_000,
        minimum=1,
        maximum=1_000_000,
        description=_("The largest copy of somebody’s data that is made, in MB."),
    ),
)
