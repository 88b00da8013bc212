from django.utils.translation import gettext_lazy as _

from atrium.options.registry import Kind, Option, register

register(
    Option(
        key="moderation.answer_hours",
        kind=Kind.INTEGER,
        default=72,
        minimum=1,
        maximum=2_000,
        description=_("How many hours a report may wait before it counts as overdue."),
    ),
    Option(
        key="moderation.appeal_days",
        kind=Kind.INTEGER,
        default=30,
        minimum=1,
        maximum=365,
        description=_("How many days somebody may appeal against a decision that hit them."),
    ),
)
