from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from atrium.notifications.models import Channel


def wanted_of(boxes: Iterable[str]) -> set[tuple[str, Channel]]:
    """Return the kinds and channels whose boxes are ticked; what we do not know is left out."""
    found = set()
    for box in boxes:
        kind, _colon, channel = box.rpartition(":")
        if kind and channel in Channel.values:
            found.add((kind, Channel(channel)))
    return found


class TryMailForm(forms.Form):
    """To whom a letter goes that tries the mail server."""

    to = forms.EmailField(label=_("Send it to"), max_length=254)
