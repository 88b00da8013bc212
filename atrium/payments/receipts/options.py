"""What the operator says of themselves on receipts. What was issued stays as it was."""

from django.utils.translation import gettext_lazy as _

from atrium.options.registry import Kind, Option, Value, register
from atrium.payments.receipts.tax import hundredths_of


def _check_percent(value: Value) -> None:
    hundredths_of(str(value))


register(
    Option(
        key="receipts.operator_name",
        kind=Kind.STRING,
        default="",
        maximum=120,
        description=_("Who sells here, as receipts name it. Empty: the address of this house."),
    ),
    Option(
        key="receipts.operator_address",
        kind=Kind.STRING,
        default="",
        maximum=300,
        description=_("The postal address of whoever sells, on receipts; commas make new lines."),
    ),
    Option(
        key="receipts.tax_number",
        kind=Kind.STRING,
        default="",
        maximum=60,
        description=_("The seller’s tax or registration number, on receipts."),
    ),
    Option(
        key="receipts.tax_name",
        kind=Kind.STRING,
        default="VAT",
        minimum=1,
        maximum=30,
        description=_("What the tax is called on receipts."),
    ),
    Option(
        key="receipts.tax_percent",
        kind=Kind.STRING,
        default="0",
        minimum=1,
        maximum=5,
        description=_("How many percent the tax is, such as 13 or 13.5. 0: receipts name no tax."),
        check=_check_percent,
    ),
    Option(
        key="receipts.prices_include_tax",
        kind=Kind.BOOLEAN,
        default=True,
        description=_(
            "Whether what people pay holds the tax already: then receipts say how much of it. If"
            " not, they say that none was charged."
        ),
    ),
)
