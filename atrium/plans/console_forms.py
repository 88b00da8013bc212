"""What staff fill in about plans and subscriptions."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _

from atrium.kit.credits import MICRO
from atrium.kit.errors import Refusal
from atrium.kit.money import Money, parse
from atrium.plans.actions.offering import GB, MOST_CREDITS, MOST_GB, MOST_TOKENS, Terms
from atrium.plans.actions.overruling import MOST_DAYS
from atrium.plans.models import UNLIMITED, Plan
from atrium.plans.whole import bound, whole

Told = TypeVar("Told")


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=300)


class ExtendForm(ReasonForm):
    days = forms.CharField(label=_("Days"), max_length=20)
    field_order = ("days", "reason")

    def clean_days(self) -> int:
        return said_beside(lambda: whole(self.cleaned_data["days"], least=1, most=MOST_DAYS))


class TermsForm(forms.Form):
    """What a plan says. Amounts are text, so that one strict parser reads them all."""

    name = forms.CharField(label=_("Name"), max_length=60)
    price = forms.CharField(label=_("Price of a month"), max_length=30)
    tokens = forms.CharField(
        label=_("Tokens every 6 hours"), max_length=20, help_text=_("−1: without a limit")
    )
    credits = forms.CharField(label=_("Credits a month"), max_length=20, initial="0")
    storage = forms.CharField(
        label=_("Storage in GB"),
        max_length=20,
        required=False,
        help_text=_("Empty: what the options of files say"),
    )
    order = forms.CharField(label=_("Place among the plans"), max_length=10, initial="100")
    currency = "USD"

    def clean_price(self) -> Money:
        currency = self.data.get("currency") or self.currency
        return said_beside(lambda: parse(self.cleaned_data["price"], currency))

    def clean_tokens(self) -> int:
        return said_beside(
            lambda: bound(self.cleaned_data["tokens"].replace("−", "-"), most=MOST_TOKENS)
        )

    def clean_credits(self) -> int:
        return said_beside(lambda: whole(self.cleaned_data["credits"], least=0, most=MOST_CREDITS))

    def clean_storage(self) -> int | None:
        text = self.cleaned_data["storage"]
        return said_beside(lambda: whole(text, least=0, most=MOST_GB)) if text else None

    def clean_order(self) -> int:
        return said_beside(lambda: whole(self.cleaned_data["order"], least=0, most=100_000))

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not self.errors:
            told["terms"] = Terms(
                name=told["name"],
                price=told["price"],
                tokens_per_window=told["tokens"],
                monthly_credits=told["credits"],
                storage_gb=told["storage"],
                order=told["order"],
            )
        return told


class NewPlanForm(TermsForm):
    slug = forms.CharField(label=_("Short name, for programs"), max_length=40)
    currency = forms.CharField(  # type: ignore[assignment]
        label=_("Currency"), max_length=8, initial="USD"
    )
    field_order = ("slug", "name", "price", "currency")


class ChangePlanForm(TermsForm):
    """The currency of a plan stays."""

    currency = forms.CharField(widget=forms.HiddenInput, max_length=8)  # type: ignore[assignment]


class AllowForm(forms.Form):
    action = forms.CharField(label=_("What, as its room calls it"), max_length=40)
    per_month = forms.CharField(
        label=_("How often a month"),
        max_length=20,
        required=False,
        help_text=_("−1: without a limit, but counted. Empty: not counted."),
    )

    def clean_per_month(self) -> int | None:
        text = self.cleaned_data["per_month"].replace("−", "-")
        return said_beside(lambda: bound(text, most=MOST_TOKENS)) if text else None


def terms_of(plan: Plan) -> dict[str, str]:
    """Return what the form begins with."""
    price = str(plan.price).partition(" ")[0]
    return {
        "name": plan.name,
        "price": price,
        "currency": plan.currency,
        "tokens": str(plan.tokens_per_window),
        "credits": str(plan.monthly_credits // MICRO),
        "storage": "" if plan.storage_bytes is None else str(plan.storage_bytes // GB),
        "order": str(plan.order),
    }


def said_of(per_month: int) -> str:
    return str(_("without a limit")) if per_month == UNLIMITED else str(per_month)


def said_beside(read: Callable[[], Told]) -> Told:
    """Have what a parser refuses said beside the field."""
    try:
        return read()
    except Refusal as refused:
        raise forms.ValidationError(str(refused.detail)) from None
