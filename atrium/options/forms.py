from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from atrium.kit.errors import Refusal
from atrium.options.registry import Kind, Option


class OptionForm(forms.Form):
    """One option, with the control that fits its kind; the option itself judges what is written."""

    text = forms.CharField(label=_("Value"), required=False, strip=False)

    def __init__(self, *args: Any, option: Option, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.option = option
        field = self.fields["text"]
        field.widget = _widget(option)
        field.required = option.kind is not Kind.STRING
        field.help_text = option.bounds

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        try:
            self.option.parse(text)
        except Refusal as refused:
            raise forms.ValidationError(str(refused.detail)) from refused
        return text


def _widget(option: Option) -> forms.Widget:
    if option.choices:
        return forms.Select(choices=[(choice, choice) for choice in option.choices])
    if option.kind is Kind.BOOLEAN:
        return forms.Select(choices=[("true", _("Yes")), ("false", _("No"))])
    if option.secret:
        return forms.PasswordInput(attrs={"autocomplete": "off"})
    if option.kind is Kind.STRING:
        return forms.TextInput(attrs={"autocomplete": "off"})
    # Not type=number: a browser would send nothing for what it does not like, and say nothing.
    return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
