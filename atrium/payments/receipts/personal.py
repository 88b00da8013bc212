"""What becomes of receipts: the law wants them, and they do without the name."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from atrium.payments.actions.receipts import forget_payer
from atrium.payments.models import PaymentReceipt
from atrium.people.belongings import AT_ONCE, Belonging, Part, Rule, Whose, nobodys, register


def _receipts(whose: Whose) -> "QuerySet[PaymentReceipt]":
    return PaymentReceipt.objects.filter(whose.owns("payment"))


def _forget_payers(whose: Whose, *, at: datetime) -> int:
    named = list(_receipts(whose).exclude(payer="").order_by("pk")[:AT_ONCE])
    for receipt in named:
        forget_payer(receipt=receipt)
    return len(named)


register(
    Part(
        key="receipts",
        title=_("Receipts"),
        order=390,
        belongings=(
            Belonging(
                table=PaymentReceipt,
                title=_("Receipts and credit notes"),
                of=_receipts,
                told=(
                    *("id", "label", "amount_minor", "tax_minor", "currency"),
                    *("payer", "told", "issued_at"),
                ),
                rule=Rule.PSEUDONYM,
                why=_("The law asks for them. The name is taken out, and the number stays."),
                erase=_forget_payers,
            ),
        ),
    )
)
nobodys("payments.ReceiptSeries", _("The last number of receipts and of credit notes."))
