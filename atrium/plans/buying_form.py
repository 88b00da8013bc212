"""What the page on which credits are bought takes."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit.ids import new_id
from atrium.plans.models import Package
from atrium.plans.offers import Wanted
from atrium.plans.sold import Sold

OWN = "amount"  # the choice of an amount of one's own
_SHOWN = re.compile(r"([0-9a-f-]{36}):([0-9]{1,16}):([0-9]{1,16})")
_WHOLE = re.compile(r"[0-9]{1,9}")


class Spare(forms.CharField):
    """Left empty by whoever chose something else, which its label need not say."""

    def validate(self, value: str) -> None:
        """Take nothing, too."""


class BuyForm(forms.Form):
    """A package, with the price that was shown, or an amount; a coupon; and how it is paid."""

    use_required_attribute = False

    choice = forms.CharField(max_length=100, required=False)
    amount = Spare(
        label=gettext_lazy("Amount in US dollars"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    coupon = Spare(
        label=gettext_lazy("Code of the coupon"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    gateway = forms.CharField(max_length=20, required=False)
    currency = forms.CharField(max_length=10, required=False)
    rate = forms.CharField(max_length=10, required=False)
    key = forms.CharField(max_length=64, required=False)

    def __init__(self, *args: Any, sold: Sold, **more: Any) -> None:
        super().__init__(*args, **more)
        self.sold = sold

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if told.get("choice", OWN) not in ("", OWN) and told.get("amount"):
            self.add_error(
                "amount", _("You chose a package and wrote an amount. Choose one of them.")
            )
        return told

    @property
    def chosen(self) -> str:
        """The value of the package or amount that stands chosen on the page."""
        choice = str(self["choice"].value() or "")
        return OWN if not choice and self["amount"].value() else choice

    @property
    def way(self) -> str:
        """The way to pay that stands chosen."""
        told = str(self["gateway"].value() or "")
        slugs = [one.slug for one in self.sold.ways]
        return told if told in slugs else next(iter(slugs), "")

    @property
    def new_key(self) -> str:
        """What makes sending this page twice harmless; a new one for what was changed."""
        return new_id().hex

    @property
    def wanted(self) -> Wanted:
        """What is asked for; what they were shown only where it can be read."""
        told = self.cleaned_data
        common = {"coupon": told["coupon"].strip(), "currency": told["currency"]}
        shown = _SHOWN.fullmatch(told["choice"])
        if shown:
            return Wanted(
                package=shown[1], price_minor=int(shown[2]), credits=int(shown[3]), **common
            )
        if told["choice"] in ("", OWN):
            rate = int(told["rate"]) if _WHOLE.fullmatch(told["rate"]) else None
            return Wanted(amount=told["amount"], rate=rate, **common)
        return Wanted(package=told["choice"], **common)


def chosen_package(sold: Sold, chosen: str) -> Package | None:
    """Return the package that the page shows as chosen, at its price of now."""
    key = chosen.partition(":")[0]
    return next((one for one in sold.packages if str(one.pk) == key), None)
