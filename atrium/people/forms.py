from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from atrium.kit.errors import Refusal
from atrium.kit.limits import LIMITS
from atrium.people.models import User
from atrium.people.scopes import SCOPES


def say(form: forms.Form, refusal: Refusal) -> None:
    """Show ``refusal`` beside the fields it names, else above the form."""
    named = {name: said for name, said in refusal.fields.items() if name in form.fields}
    for name, said in named.items():
        form.add_error(name, said)
    if not named:
        form.add_error(None, refusal.detail)


def _password(label: Any, autocomplete: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=LIMITS.password_characters,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("Name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = _password(_("Password"), "current-password")
    next = forms.CharField(required=False, widget=forms.HiddenInput)


class SignUpForm(forms.Form):
    username = forms.CharField(
        label=_("Name"),
        max_length=40,
        help_text=_("What you sign in with: letters, digits and @ . + - _"),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = _password(_("Password"), "new-password")
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = _("At least ten characters, and not a common one.")


class OpenChoice(forms.ChoiceField):
    """A choice that is always made; the empty one stands for what is found out by itself."""

    def validate(self, value: Any) -> None:
        if value:
            super().validate(value)


class ProfileForm(forms.Form):
    use_required_attribute = False  # a browser takes the empty choice for none

    display_name = forms.CharField(label=_("Shown name"), max_length=80, required=False)
    email = forms.EmailField(
        label=_("Mail address"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    language = OpenChoice(label=_("Language"))
    theme = forms.ChoiceField(label=_("Theme"), choices=User.Theme.choices)
    time_zone = OpenChoice(label=_("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        automatic = ("", _("Like my browser"))
        zones = [(name, name) for name in sorted(available_timezones())]
        self.fields["language"].choices = [automatic, *settings.LANGUAGES]  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = [("", _("Like the server’s (UTC)")), *zones]  # type: ignore[attr-defined]


class PasswordForm(forms.Form):
    old = _password(_("Present password"), "current-password")
    new = _password(_("New password"), "new-password")


class KeyForm(forms.Form):
    LASTS = (("30", _("30 days")), ("90", _("90 days")), ("365", _("a year")), ("", _("for ever")))

    name = forms.CharField(label=_("What it is for"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    lasts = OpenChoice(label=_("Works for"), choices=LASTS)
