from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.ledger import telling
from atrium.ledger.statement import BadFilter, Sieve, sieve_of
from atrium.people.caller import Caller


def _kinds() -> Iterable[tuple[str, Any]]:
    return [("", _("All")), *((kind.key, kind.title) for kind in telling.every_kind())]


class SieveForm(forms.Form):
    """What a statement is filtered by; ``sieve`` is what it says once it is valid."""

    kind = forms.CharField(label=gettext_lazy("Kind"), required=False, widget=forms.Select())
    since = forms.CharField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.CharField(
        label=gettext_lazy("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    sieve: Sieve

    def __init__(self, data: Any, *, caller: Caller) -> None:
        super().__init__(data, auto_id="sieve-%s")
        self._caller = caller
        # Any other kind is refused by the one parser that the API has, too.
        self.fields["kind"].widget.choices = _kinds()

    def clean(self) -> dict[str, Any]:
        told = {name: self.cleaned_data.get(name, "") for name in self.fields}
        try:
            self.sieve = sieve_of(self._caller, **told)
        except BadFilter as refusal:
            for name, said in refusal.fields.items():
                self.add_error(name, said)
        return self.cleaned_data

    def query(self) -> str:
        """Return what to write into an address to filter like that, ending in ``&``."""
        told = {name: self.data.get(name, "") for name in self.fields}
        chosen = {name: text for name, text in told.items() if text}
        return f"{urlencode(chosen)}&" if chosen else ""
