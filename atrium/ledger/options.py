from django.utils.translation import gettext_lazy as _

from atrium.options.registry import Kind, Option, register

register(
    Option(
        key="ledger.alone_up_to_credits",
        kind=Kind.INTEGER,
        default=1_000,
        minimum=0,
        maximum=1_000_000_000,
        dangerous=True,
        description=_(
            "How many credits one person of finance may give, or reverse, alone in a day; beyond"
            " that a second person has to agree. With 0 always."
        ),
    ),
)
