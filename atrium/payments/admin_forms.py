"""What staff fill in in the console about money."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.payments.gateways.registry import needs_of, slugs, title_of


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("Kept in the audit list."),
    )


class RefundForm(ReasonForm):
    amount = forms.CharField(
        label=gettext_lazy("Amount that goes back"),
        max_length=30,
        help_text=gettext_lazy("In the payment's own currency; all that is left, or a part."),
    )
    field_order = ("amount", "reason")


class SetupForm(forms.Form):
    """How a gateway is offered."""

    is_enabled = forms.BooleanField(label=gettext_lazy("Is offered"), required=False, initial=True)
    currencies = forms.CharField(
        label=gettext_lazy("Currencies"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("With spaces between them: USD EUR. Empty: all that it takes."),
    )
    order = forms.IntegerField(
        label=gettext_lazy("Order"), min_value=0, max_value=1000, initial=100
    )
    keys = forms.CharField(
        label=gettext_lazy("Keys"),
        max_length=5000,
        required=False,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One in a line: name=value. They are kept sealed and never shown. A key that is not"
            " named stays as it is; name= without a value forgets it."
        ),
    )

    def clean_keys(self) -> dict[str, str]:
        lines = [line.strip() for line in self.cleaned_data["keys"].splitlines() if line.strip()]
        if any("=" not in line for line in lines):
            raise forms.ValidationError(_("Write each key as name=value."))
        pairs = (line.split("=", 1) for line in lines)
        return {name.strip(): value.strip() for name, value in pairs}


class NewSetupForm(SetupForm):
    """Which gateway is set up for the first time."""

    field_order = ("slug", "is_enabled", "currencies", "order", "keys")
    slug = forms.ChoiceField(
        label=gettext_lazy("Gateway"),
        choices=lambda: [(slug, title_of(slug)) for slug in slugs()],
    )


def needed(slug: str) -> list[tuple[str, str]]:
    """Return the names of a gateway's keys with what each is."""
    return [(need.name, str(need.label)) for need in needs_of(slug)]
