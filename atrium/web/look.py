"""What the style page shows: every part, in each of its states, with words long enough to hurt."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest

from atrium.kit import clock
from atrium.kit.errors import PaymentNeeded
from atrium.web.icons import STROKES


class SampleForm(forms.Form):
    username = forms.CharField(help_text="Letters, digits and @ . + - _; at most 40.")
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), min_length=10
    )
    kind = forms.ChoiceField(choices=[("a", "One of these"), ("b", "The other")])
    about = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    agree = forms.BooleanField(label="Keep me signed in", required=False)
    day = forms.ChoiceField(
        widget=forms.RadioSelect, choices=[("m", "Monday"), ("t", "Tuesday")], label="Day"
    )


def everything(request: HttpRequest) -> dict[str, Any]:
    """Return the style page's context; ``?dir=rtl`` turns it."""
    now = clock.now()
    return {
        "title": "The look",
        "icons": sorted(STROKES),
        "form": SampleForm(),
        "wrong": SampleForm({"username": "", "password": "short"}),
        "turned": "rtl" if request.GET.get("dir") == "rtl" else "",
        "now": now,
        "earlier": now - timedelta(hours=3),
        "later": now + timedelta(minutes=95),
        "refusal": PaymentNeeded(
            "Your window of 100,000 tokens is used up.",
            limit=100_000,
            used=100_000,
            retry_at=now + timedelta(hours=2),
            way_on="Reader is always free: ask it about your own files.",
        ),
        "meter": {
            "label": "Tokens",
            "used": 62,
            "of": 100,
            "said": "62k of 100k",
            "note": "Refills in 2 h",
            "value": "420 credits",
            "url": "",
        },
        "receipt": ["1,204 tokens", "2.1 s"],
    }
