from decimal import Decimal
from functools import cache
from typing import Any

from django import forms
from django.conf import settings
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from atrium.kit.errors import Refusal
from atrium.kit.limits import LIMITS
from atrium.people.models import User
from atrium.people.scopes import SCOPES
from atrium.people.zones import zones


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


def _mail_address(label: Any, **more: Any) -> forms.EmailField:
    return forms.EmailField(
        label=label,
        max_length=LIMITS.mail_address_characters,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": _("This is not a mail address.")},
        **more,
    )


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("Name or mail address"),
        max_length=254,
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
    email = _mail_address(
        _("Mail address"),
        required=False,
        help_text=_("With one, a lost password can be set anew by mail."),
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = _("At least ten characters, and not a common one.")


class ChosenNameForm(forms.Form):
    """What somebody for whom a provider vouches is asked."""

    username = forms.CharField(
        label=_("Name"),
        max_length=40,
        help_text=_("What you sign in with: letters, digits and @ . + - _"),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )


class OpenChoice(forms.ChoiceField):
    """A choice that is always made; the empty one stands for what is found out by itself."""

    def validate(self, value: Any) -> None:
        if value:
            super().validate(value)


class ZoneSelect(forms.Widget):
    """A choice of six hundred, which Django would copy for each form and render one by one."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """Write the element out, with ``value`` chosen."""
        given = flatatt(self.build_attrs({**self.attrs, "name": name}, attrs))
        first = format_html('<option value="">{}</option>', _("Like the server’s (UTC)"))
        chosen = format_html("<option>{}</option>", value) if value else ""
        options = _zone_options()
        if chosen:
            options = SafeString(options.replace(chosen, chosen.replace(">", " selected>", 1), 1))
        return SafeString(f"<select{given}>{first}{options}</select>")


class Zone(forms.CharField):
    """A time zone, or the empty choice; that there is such a one is checked where it is kept."""

    def validate(self, value: Any) -> None:
        pass


@cache
def _zone_options() -> SafeString:
    return format_html_join("", "<option>{}</option>", ((name,) for name in zones()))


class Words(forms.CharField):
    """Plain text of several lines; a browser ends each with two characters, which count as one."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class ProfileForm(forms.Form):
    use_required_attribute = False  # a browser takes the empty choice for none

    display_name = forms.CharField(label=_("Shown name"), max_length=80, required=False)
    bio = Words(
        label=_("About you"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("A few plain words, at most 500 characters."),
    )
    language = OpenChoice(label=_("Language"))
    theme = forms.ChoiceField(label=_("Theme"), choices=User.Theme.choices)
    time_zone = Zone(label=_("Time zone"), max_length=40, widget=ZoneSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        automatic = ("", _("Like my browser"))
        self.fields["language"].choices = [automatic, *settings.LANGUAGES]  # type: ignore[attr-defined]


class NewPasswordForm(forms.Form):
    new = _password(_("New password"), "new-password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new"].help_text = _("At least ten characters, and not a common one.")


class PasswordForm(NewPasswordForm):
    old = _password(_("Present password"), "current-password")
    field_order = ("old", "new")


class MailAddressForm(forms.Form):
    email = _mail_address(_("Mail address"))


class RescueForm(NewPasswordForm):
    username = forms.CharField(
        label=_("Name or mail address"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    code = forms.CharField(
        label=_("Rescue code"),
        max_length=100,
        help_text=_("One of the ten that begin with atr_recover."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    field_order = ("username", "code", "new")


class KeyForm(forms.Form):
    LASTS = (("30", _("30 days")), ("90", _("90 days")), ("365", _("a year")), ("", _("for ever")))

    name = forms.CharField(label=_("What it is for"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    lasts = OpenChoice(label=_("Works for"), choices=LASTS)
    spends = forms.DecimalField(
        label=_("May spend at most"),
        help_text=_("Credits, in all. Leave it empty, and it may spend what you have."),
        required=False,
        min_value=Decimal("0.01"),
        max_value=LIMITS.key_spend_credits,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01"}),
    )
