"""What calls of somebody cost."""

from django.utils.translation import gettext_lazy as _

from atrium.metering.models import Receipt
from atrium.people.belongings import Belonging, Part, Rule, register

register(
    Part(
        key="metering",
        title=_("Receipts"),
        order=300,
        belongings=(
            Belonging(
                table=Receipt,
                title=_("Receipts of calls"),
                of=lambda whose: Receipt.objects.filter(whose.owns()),
                told=(
                    *("id", "model__slug", "about_kind", "about_id", "tokens_in", "tokens_out"),
                    *("charged", "state", "began_at", "ended_at"),
                ),
                rule=Rule.PSEUDONYM,
                why=_("The books must balance. A receipt holds numbers, and no words."),
            ),
        ),
    )
)
