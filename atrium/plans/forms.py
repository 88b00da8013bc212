from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from atrium.payments.gateways.protocol import Gateway


class WayToPayForm(forms.Form):
    """Which of the gateways; nothing to choose where there is one."""

    gateway = forms.ChoiceField(label=_("Pay with"), required=False)

    def __init__(self, *args: Any, ways: list[Gateway], **more: Any) -> None:
        super().__init__(*args, **more)
        self.ways = ways
        field = self.fields["gateway"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.slug, one.title) for one in ways]
        field.widget = forms.RadioSelect(choices=field.choices)
        if ways:
            self.initial.setdefault("gateway", ways[0].slug)
        if len(ways) == 1:
            field.widget = forms.HiddenInput()

    @property
    def chosen(self) -> str:
        """The slug of the gateway; the only one when nothing was sent, "" when there is none."""
        told: str = self.cleaned_data["gateway"]
        return told or (self.ways[0].slug if self.ways else "")


class ChoosePlanForm(WayToPayForm):
    """Agree to what was shown."""

    seal = forms.CharField(widget=forms.HiddenInput, max_length=2000)
