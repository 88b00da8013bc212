"""What stands on a receipt, in the language of the moment: the same on the page and in the PDF."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from atrium.kit.credits import shown_balance
from atrium.kit.money import Money
from atrium.payments.models import PaymentReceipt
from atrium.payments.receipts.tax import Rate

Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A receipt in words. ``totals`` end with what was paid, or went back, in all."""

    heading: str
    label: str
    seller: list[str]
    payer: str
    facts: list[Row]
    items: list[Row]
    totals: list[Row]
    notes: list[str]
    house: str


def sheet_of(receipt: PaymentReceipt) -> Sheet:
    """Return what the receipt says, out of what was kept when it was issued."""
    told, rate = receipt.told, Rate.of(receipt.told["rate"])
    return Sheet(
        heading=_("Credit note") if receipt.is_credit_note else _("Receipt"),
        label=receipt.label,
        seller=_seller(told),
        payer=receipt.payer or _nameless(told["holder"]),
        facts=_facts(receipt),
        items=_items(receipt),
        totals=_totals(receipt, rate),
        notes=_notes(receipt, rate),
        house=_house(told),
    )


def _house(told: dict[str, Any]) -> str:
    return urlsplit(told["house"]).netloc or str(told["house"])


def _seller(told: dict[str, Any]) -> list[str]:
    operator = told["operator"]
    lines = [part.strip() for part in operator["address"].split(",")]
    number = operator["tax_number"]
    tax = _("Tax number: %(number)s") % {"number": number} if number else ""
    return [operator["name"] or _house(told), *filter(None, lines), *filter(None, [tax])]


def _nameless(holder: str) -> str:
    kind, _colon, number = holder.partition(":")
    said = _("Guest %(number)s") if kind == "guest" else _("Account %(number)s")
    return said % {"number": number.replace("-", "")[-12:]}


def _facts(receipt: PaymentReceipt) -> list[Row]:
    told = receipt.told
    rows = [(_("Number"), receipt.label), (_("Issued"), _day(receipt.issued_at))]
    if told["paid_at"] and not receipt.is_credit_note:
        rows.append((_("Paid"), _day(datetime.fromisoformat(told["paid_at"]))))
    if told["first"]:
        rows.append((_("To receipt"), told["first"]))
    if told["gateway"]:
        rows.append((_("Paid with"), told["gateway"]))
    return [*rows, (_("Payment"), told["reference"])]


def _items(receipt: PaymentReceipt) -> list[Row]:
    told, amount = receipt.told, receipt.amount
    if receipt.is_credit_note:
        said = _("Money back for: %(title)s") % {"title": told["title"]}
        return [(said, str(amount))]
    if told["first"]:
        said = _("A refund that failed, paid again: %(title)s") % {"title": told["title"]}
        return [(said, str(amount))]
    off = told.get("off_minor", 0)
    if not off:
        return [(told["title"], str(amount))]
    price = Money(told["price_minor"], receipt.currency)
    return [
        (told["title"], str(price)),
        (_("Taken off by a coupon"), str(-Money(off, receipt.currency))),
    ]


def _totals(receipt: PaymentReceipt, rate: Rate) -> list[Row]:
    last = (_("Went back") if receipt.is_credit_note else _("Paid"), str(receipt.amount))
    if not rate.hundredths or not rate.is_included:
        return [last]
    tax = Money(receipt.tax_minor, receipt.currency)
    named = {"tax": rate.name, "percent": number_in(rate.percent)}
    return [
        (_("Without %(tax)s") % named, str(receipt.amount - tax)),
        (_("%(tax)s, %(percent)s %%") % named, str(tax)),
        last,
    ]


def _notes(receipt: PaymentReceipt, rate: Rate) -> list[str]:
    told, notes = receipt.told, []
    if "credits" in told and told["credits"] and not told["first"]:
        said = {"credits": number_in(shown_balance(told["credits"]))}
        if told.get("credits_per_dollar"):
            said["rate"] = number_in(str(told["credits_per_dollar"]))
            notes.append(_("%(credits)s credits, at %(rate)s credits per dollar.") % said)
        else:
            notes.append(_("%(credits)s credits.") % said)
    if rate.hundredths and not rate.is_included:
        notes.append(_("No %(tax)s was charged.") % {"tax": rate.name})
    return notes


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment, timezone.get_default_timezone()), "DATE_FORMAT")


def number_in(text: str) -> str:
    """Return a number with a plain point as it is written in the language of the moment."""
    digits = len(text.partition(".")[2])
    written: str = number_format(text, decimal_pos=digits, force_grouping=True)
    return written
