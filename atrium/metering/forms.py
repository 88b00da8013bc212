from typing import Any

from django import forms
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.metering.models import Receipt, ReceiptQuerySet
from atrium.metering.sieve import BadSieve, ReceiptSieve, receipt_sieve
from atrium.people.caller import Caller

_DATE = {"type": "date"}


class ReceiptSieveForm(forms.Form):
    """What receipts are filtered by; ``sieve`` is what it says once it is valid."""

    model = forms.CharField(label=gettext_lazy("Model"), required=False, widget=forms.Select())
    payer = forms.CharField(label=gettext_lazy("Paid with"), required=False, widget=forms.Select())
    since = forms.CharField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs=_DATE)
    )
    until = forms.CharField(
        label=gettext_lazy("To"), required=False, widget=forms.DateInput(attrs=_DATE)
    )
    sieve: ReceiptSieve

    def __init__(self, data: Any, *, caller: Caller, receipts: ReceiptQuerySet) -> None:
        super().__init__(data, auto_id="sieve-%s")
        self._caller = caller
        models = receipts.values_list("model__slug", "model__title").distinct().order_by()
        every = ("", _("All"))
        self.fields["model"].widget.choices = [every, *sorted(models)]
        self.fields["payer"].widget.choices = [every, *Receipt.Payer.choices]

    def clean(self) -> dict[str, Any]:
        told = {name: self.cleaned_data.get(name, "") for name in self.fields}
        try:
            self.sieve = receipt_sieve(self._caller, **told)
        except BadSieve as refusal:
            for name, said in refusal.fields.items():
                self.add_error(name, said)
        return self.cleaned_data

    def query(self) -> str:
        """Return what to write into an address to filter like that, ending in ``&``."""
        told = {name: self.data.get(name, "") for name in self.fields}
        chosen = {name: text for name, text in told.items() if text}
        return f"{urlencode(chosen)}&" if chosen else ""
