"""What staff fill in about packages and coupons."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit.credits import MICRO
from atrium.kit.limits import LIMITS
from atrium.kit.money import EXPONENTS, Money, parse
from atrium.plans.actions.coupons import Does
from atrium.plans.actions.packages import Content
from atrium.plans.console_forms import said_beside
from atrium.plans.models import Coupon, Package
from atrium.plans.whole import whole

MOST_CREDITS = 1_000_000_000


class PackageForm(forms.Form):
    """What a package holds and costs."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    credits = forms.CharField(label=gettext_lazy("Credits"), max_length=20)
    price = forms.CharField(label=gettext_lazy("Price"), max_length=30)
    currency = forms.CharField(widget=forms.HiddenInput, max_length=8)
    order = forms.CharField(
        label=gettext_lazy("Place among the packages"), max_length=10, initial="100"
    )

    def clean_credits(self) -> int:
        return said_beside(lambda: whole(self.cleaned_data["credits"], least=1, most=MOST_CREDITS))

    def clean_price(self) -> Money:
        currency = self.data.get("currency", "").strip().upper()
        return said_beside(lambda: parse(self.cleaned_data["price"], currency))

    def clean_order(self) -> int:
        return said_beside(lambda: whole(self.cleaned_data["order"], least=0, most=100_000))

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not self.errors:
            told["content"] = Content(
                name=told["name"].strip(),
                credits=told["credits"] * MICRO,
                price=told["price"],
                order=told["order"],
            )
        return told


class NewPackageForm(PackageForm):
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=8, initial="USD")
    field_order = ("name", "credits", "price", "currency", "order")


class CouponForm(forms.Form):
    """One of the three that a coupon can do, and how often."""

    kind = forms.ChoiceField(label=gettext_lazy("What it does"), choices=Coupon.Kind.choices)
    percent = forms.CharField(label=gettext_lazy("Percent off"), max_length=3, required=False)
    amount = forms.CharField(label=gettext_lazy("Amount off"), max_length=30, required=False)
    currency = forms.CharField(
        label=gettext_lazy("Currency"),
        max_length=8,
        required=False,
        help_text=gettext_lazy("Of the amount, or of the prices that the percent are good for."),
    )
    credits = forms.CharField(label=gettext_lazy("Credits"), max_length=20, required=False)
    uses = forms.CharField(
        label=gettext_lazy("How often it works in all"),
        max_length=10,
        initial="1",
        help_text=gettext_lazy("For each person it works once."),
    )
    expires_at = forms.DateTimeField(
        label=gettext_lazy("Until (UTC)"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    note_to_self = forms.CharField(
        label=gettext_lazy("A note for yourself"), max_length=200, required=False
    )

    def clean_uses(self) -> int:
        return said_beside(
            lambda: whole(self.cleaned_data["uses"], least=1, most=LIMITS.coupon_uses)
        )

    def clean_percent(self) -> int:
        text = self.cleaned_data["percent"]
        return said_beside(lambda: whole(text, least=1, most=100)) if text else 0

    def clean_credits(self) -> int:
        text = self.cleaned_data["credits"]
        return said_beside(lambda: whole(text, least=1, most=MOST_CREDITS)) if text else 0

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].strip().upper()
        if currency and currency not in EXPONENTS:
            raise forms.ValidationError(_("We do not know this currency."))
        return currency

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if self.errors:
            return told
        kind, off = Coupon.Kind(told["kind"]), 0
        currency = "" if kind == Coupon.Kind.CREDITS else told["currency"]
        if kind == Coupon.Kind.AMOUNT:
            try:
                off = said_beside(lambda: parse(told["amount"], currency)).minor
            except forms.ValidationError as wrong:
                self.add_error("amount", wrong)
                return told
        told["does"] = Does(
            kind=kind,
            percent=told["percent"] if kind == Coupon.Kind.PERCENT else 0,
            off_minor=off,
            currency=currency,
            credits=told["credits"] * MICRO if kind == Coupon.Kind.CREDITS else 0,
        )
        return told


def content_of(package: Package) -> dict[str, str]:
    """Return what the form begins with."""
    return {
        "name": package.name,
        "credits": str(package.credits // MICRO),
        "price": str(package.price).partition(" ")[0],
        "currency": package.currency,
        "order": str(package.order),
    }
