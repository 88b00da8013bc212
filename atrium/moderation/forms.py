from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from atrium.kit.errors import Refusal
from atrium.kit.limits import LIMITS
from atrium.moderation.models import Decision, Report
from atrium.people.suspended import TERMS


def say(form: forms.Form, refusal: Refusal) -> None:
    """Show ``refusal`` beside the fields it names, else above the form."""
    named = {name: said for name, said in refusal.fields.items() if name in form.fields}
    for name, said in named.items():
        form.add_error(name, said)
    if not named:
        form.add_error(None, refusal.detail)


def _long(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LIMITS.note_characters,
        widget=forms.Textarea(attrs={"rows": 4}),
        **more,
    )


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the person"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
    )


class ReportForm(forms.Form):
    category = forms.ChoiceField(
        label=_("What is wrong?"), choices=Report.Category.choices, widget=forms.RadioSelect
    )
    text = _long(
        _("What should the moderators know?"),
        required=False,
        help_text=_("Whoever is reported does not learn who reported it."),
    )


class ReportPersonForm(NameForm, ReportForm):
    field_order = ("name", "category", "text")


class AppealForm(forms.Form):
    text = _long(_("Why is this decision wrong?"), help_text=_("You can appeal once."))


class StatementForm(forms.Form):
    statement = _long(_("Reason"), help_text=_("Whom it concerns reads it."))


class UpholdForm(StatementForm):
    measure = forms.ChoiceField(label=_("What to do"), choices=Decision.Measure.choices)
    days = forms.TypedChoiceField(
        label=_("If suspended, how long"),
        choices=TERMS,
        coerce=int,
        required=False,
        empty_value=None,
    )
    field_order = ("measure", "days", "statement")


class GlassForm(forms.Form):
    reason = _long(
        _("Reason"),
        help_text=_("Whose it is are told that you looked, and why. It stays in the audit list."),
    )
