from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from atrium.kit.limits import LIMITS
from atrium.notifications.models import Announcement, Channel


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


def _moment(label: Any, **more: Any) -> forms.DateTimeField:
    picker = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
    return forms.DateTimeField(
        label=label, required=False, widget=picker, input_formats=formats, **more
    )


class AnnouncementForm(forms.Form):
    text = forms.CharField(
        label=_("What to say"),
        max_length=LIMITS.announcement_characters,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    level = forms.ChoiceField(label=_("How it looks"), choices=Announcement.Level.choices)
    link = forms.CharField(
        label=_("Where to read more"),
        max_length=290,
        required=False,
        help_text=_("A path of this house, such as /files, or an address with https://."),
    )
    shown_to = forms.ChoiceField(label=_("Who sees it"), choices=Announcement.Audience.choices)
    begins_at = _moment(_("From (UTC)"), help_text=_("At once, when left empty."))
    ends_at = _moment(_("Until (UTC)"), help_text=_("Until you withdraw it, when left empty."))
    is_dismissible = forms.BooleanField(
        label=_("Who has read it may put it away"), required=False, initial=True
    )
