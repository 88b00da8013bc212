from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class QuestionForm(forms.Form):
    """What the composer sends. Its limits are the action's; here is only what is there at all."""

    text = forms.CharField(
        required=False, strip=False, widget=forms.Textarea, label=_("Your question")
    )
    key = forms.UUIDField(required=False)
    model = forms.CharField(required=False, max_length=190)
    beside = forms.CharField(required=False, max_length=190)
    after = forms.UUIDField(required=False)
    edits = forms.UUIDField(required=False)
    preset = forms.UUIDField(required=False)
    folder = forms.UUIDField(required=False)


class TitleForm(forms.Form):
    title = forms.CharField(max_length=200, label=_("Title"))


class TreatForm(forms.Form):
    """Who pays for what others ask in a chat."""

    who = forms.ChoiceField(choices=[("speaker", ""), ("owner", "")])
    tokens = forms.IntegerField(required=False, min_value=1, localize=True)
    is_monthly = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("who") == "owner" and not said.get("tokens"):
            raise forms.ValidationError("tokens")
        return said


class WishesForm(forms.Form):
    """How answers shall be. The bounds are the action's."""

    model = forms.CharField(required=False, max_length=190)
    system = forms.CharField(required=False, strip=False, widget=forms.Textarea)
    temperature = forms.FloatField(required=False, localize=True)
    most_tokens = forms.IntegerField(required=False, min_value=1)


class PresetForm(WishesForm):
    title = forms.CharField(max_length=60)
    for_everybody = forms.BooleanField(required=False)
