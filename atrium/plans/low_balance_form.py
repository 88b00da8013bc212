from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit.credits import MICRO
from atrium.options.queries import value
from atrium.people.models import User
from atrium.plans.actions.low_balance import MOST_CREDITS
from atrium.plans.models import LowBalance

_WHOLE = RegexValidator(r"\A[0-9]{1,7}\Z", gettext_lazy("Write a whole number of credits."))


class LowBalanceForm(forms.Form):
    """Below how many whole credits a person wants to be told."""

    below = forms.CharField(
        label=gettext_lazy("Tell me when fewer credits are left than"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        validators=[_WHOLE],
    )

    def __init__(self, *args: Any, person: User, **more: Any) -> None:
        super().__init__(*args, **more)
        mine = LowBalance.objects.filter(person=person).first()
        if mine and mine.below is not None:
            self.initial.setdefault("below", str(mine.below // MICRO))
        self.fields["below"].help_text = _(
            "0 for never. Left empty, it is {n}, as everywhere in this house."
        ).format(n=value("credits.low"))

    def clean_below(self) -> int | None:
        text = self.cleaned_data["below"]
        if text and int(text) > MOST_CREDITS:
            raise forms.ValidationError(_("From 0 to {most} credits.").format(most=MOST_CREDITS))
        return int(text) if text else None
