"""What calls of somebody cost."""

from django.utils.translation import gettext_lazy as _

from atrium.metering.models import CreditsPay, Receipt, UsageLog, Window
from atrium.people.belongings import Belonging, Part, Rule, nobodys, register

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
                    *("payer", "worth", "charged", "state", "began_at", "ended_at"),
                ),
                rule=Rule.PSEUDONYM,
                why=_("The books must balance. A receipt holds numbers, and no words."),
            ),
            Belonging(
                table=UsageLog,
                title=_("Log of usage"),
                of=lambda whose: UsageLog.objects.filter(whose.owns()),
                told=(
                    *("action", "about_kind", "about_id", "model__slug", "success", "units"),
                    *("tokens", "charged", "at"),
                ),
            ),
            Belonging(
                table=Window,
                title=_("Tokens of the plan"),
                of=lambda whose: Window.objects.filter(holder__in=whose.audiences),
                told=("opened_at", "resets_at", "used"),
            ),
            Belonging(
                table=CreditsPay,
                title=_("Whether credits pay where the plan does not reach"),
                of=lambda whose: CreditsPay.objects.filter(holder__in=whose.audiences),
                told=("allowed", "said_at"),
            ),
        ),
    )
)
nobodys("metering.Share", _("How many tokens a room lets others use, under the room’s own name."))
