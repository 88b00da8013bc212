"""What an operator fills in about providers and models."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from atrium.engines.actions import Bounds, ModelTerms
from atrium.engines.actions.changing import PRICES
from atrium.engines.models import Capability, Model, Provider
from atrium.engines.prices import BadPrice, as_written, micro_of
from atrium.engines.queries import cost_of
from atrium.plans.queries import every_plan

_KINDS = [(kind, label) for kind, label in Provider.Kind.choices if kind != "built_in"]
_KEY_KEPT = _("Kept sealed and never shown. Leave it empty to keep the one set.")
_CAN = {
    Capability.ANSWERS: _("Answers"),
    Capability.PICTURES_IN: _("Sees pictures"),
    Capability.TOOLS: _("Calls tools"),
    Capability.REASONS: _("Thinks first"),
    Capability.EMBEDS: _("Makes vectors of texts"),
    Capability.SPEAKS: _("Speaks"),
    Capability.TRANSCRIBES: _("Writes down speech"),
    Capability.DRAWS: _("Makes pictures"),
}


class PriceField(forms.CharField):
    """Credits or dollars, which become millionths of them."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"max_length": 20, "required": False, "initial": "0", **more})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return micro_of(text or "0")
        except BadPrice as refused:
            raise forms.ValidationError(str(refused.detail)) from None


class KeyField(forms.CharField):
    """A key that nobody sees again."""

    def __init__(self, **more: Any) -> None:
        hidden = forms.PasswordInput(attrs={"autocomplete": "off"})
        super().__init__(
            **{"label": _("Key"), "max_length": 500, "required": False, "widget": hidden, **more}
        )


class TierField(forms.TypedChoiceField):
    """From which plan on, by its place among the plans."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"coerce": int, "choices": tiers, **more})


def tiers() -> list[tuple[int, str]]:
    """Return the plans that a model can be for, from the smallest on."""
    found = {0: str(_("Everybody"))}
    for plan in every_plan():
        found.setdefault(plan.order, str(_("%(plan)s and up") % {"plan": plan.name}))
    # A plan may have been moved since: whoever changes a price does not change for whom it is.
    for place in Model.objects.order_by("lowest_tier").values_list("lowest_tier", flat=True):
        found.setdefault(place, str(_("Plans from place %(place)d on") % {"place": place}))
    return sorted(found.items())


class ConnectForm(forms.Form):
    """A provider that is new here."""

    kind = forms.ChoiceField(label=_("Speaks as"), choices=_KINDS)
    name = forms.CharField(label=_("Name"), max_length=60)
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("Such as https://api.openai.com/v1 or http://127.0.0.1:11434"),
    )
    key = KeyField(help_text=_("Kept sealed and never shown."))
    models = forms.CharField(
        label=_("Models"),
        max_length=5_000,
        required=False,
        help_text=_("Names with commas between them. Empty: it is asked which it has."),
    )
    input_price = PriceField(label=_("Credits per million tokens read"))
    output_price = PriceField(label=_("Credits per million tokens written"))

    def clean_models(self) -> list[str]:
        return [one.strip() for one in self.cleaned_data["models"].split(",") if one.strip()]


class ProviderForm(forms.Form):
    """How a provider is asked."""

    url = forms.CharField(label=_("Address"), max_length=500, required=False)
    key = KeyField(help_text=_KEY_KEPT)
    enabled = forms.BooleanField(label=_("Is offered"), required=False)
    order = forms.IntegerField(label=_("Order"), min_value=0, max_value=10_000)
    at_once = forms.IntegerField(label=_("Calls at the same time"), min_value=1, max_value=10_000)
    daily_calls = forms.IntegerField(
        label=_("Calls in a day"),
        min_value=0,
        max_value=10**9,
        required=False,
        help_text=_("Empty: without a limit"),
    )
    daily_credits = forms.CharField(
        label=_("Credits in a day"),
        max_length=20,
        required=False,
        help_text=_("By the prices of its models. Empty: without a limit"),
    )

    def clean_daily_credits(self) -> int | None:
        text = self.cleaned_data["daily_credits"]
        micro: int | None = PriceField().clean(text) if text else None
        return micro


class ModelForm(forms.Form):
    """What a model is offered as."""

    title = forms.CharField(label=_("Name"), max_length=120)
    enabled = forms.BooleanField(label=_("Is offered"), required=False)
    order = forms.IntegerField(label=_("Order"), min_value=0, max_value=10_000)
    lowest_tier = TierField(label=_("For whom"))
    alias = forms.CharField(
        label=_("Name that it shares"),
        max_length=190,
        required=False,
        help_text=_("Models that share a name stand in for each other, by their order."),
    )
    can = forms.MultipleChoiceField(
        label=_("What it can do"),
        choices=[(one.value, label) for one, label in _CAN.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    context_tokens = forms.IntegerField(
        label=_("Tokens it takes in all"), min_value=256, max_value=2_000_000_000
    )
    most_output_tokens = forms.IntegerField(
        label=_("Tokens it writes at most"), min_value=1, max_value=2_000_000_000
    )
    input_price = PriceField(label=_("Credits per million tokens read"))
    output_price = PriceField(label=_("Credits per million tokens written"))
    image_price = PriceField(label=_("Credits for a picture"))
    minute_price = PriceField(label=_("Credits for a minute of sound"))
    cost_read = PriceField(
        label=_("Dollars you pay per million tokens read"),
        help_text=_("What the provider asks of you; it stands beside what people paid."),
    )
    cost_written = PriceField(label=_("Dollars you pay per million tokens written"))


def bounds_in(told: dict[str, Any]) -> Bounds:
    return Bounds(told["at_once"], told["daily_calls"], told["daily_credits"])


def terms_in(told: dict[str, Any]) -> ModelTerms:
    told = {**told}
    prices = {name: told.pop(name) for name in PRICES}
    can = frozenset(Capability(one) for one in told.pop("can"))
    cost = (told.pop("cost_read"), told.pop("cost_written"))
    return ModelTerms(**told, can=can, prices=prices, cost=cost)


def bounds_of(provider: Provider) -> dict[str, Any]:
    """Return what a provider's form begins with."""
    daily = provider.daily_micro
    return {
        "url": provider.url,
        "enabled": provider.enabled,
        "order": provider.order,
        "at_once": provider.at_once,
        "daily_calls": provider.daily_calls,
        "daily_credits": "" if daily is None else as_written(daily),
    }


def terms_of(model: Model) -> dict[str, Any]:
    """Return what a model's form begins with."""
    plain = ("title", "enabled", "order", "lowest_tier", "alias")
    sizes = ("context_tokens", "most_output_tokens")
    told = {name: getattr(model, name) for name in (*plain, *sizes)}
    told |= {name: as_written(getattr(model, name)) for name in PRICES}
    cost = cost_of(model)
    told["cost_read"] = as_written(cost.read if cost else 0)
    told["cost_written"] = as_written(cost.written if cost else 0)
    return {**told, "can": [one.value for one in Capability if model.can(one)]}


def can_of(model: Model) -> list[str]:
    """Return what a model can do, as people say it."""
    return [str(label) for one, label in _CAN.items() if model.can(one)]
