"""What the shell says to somebody whose account is about to be erased."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from atrium.people.caller import NOBODY
from atrium.web.shell import register_news


def leaving(request: HttpRequest) -> SafeString:
    """Say on each page when the account goes; the person's row, which is at hand, knows it."""
    person = (getattr(request, "caller", None) or NOBODY).person
    if person is None or person.leaves_at is None:
        return SafeString("")
    return render_to_string("privacy/parts/leaving.html", {"person": person}, request)


register_news(leaving)
