from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.people import actions
from atrium.people.actions import NotAnAccount
from atrium.people.caller import Caller
from atrium.people.forms import ProfileForm, say
from atrium.people.models import User
from atrium.people.settings_pages import SettingsPage, register
from atrium.web.policy import page
from atrium.web.render import render_page

HERE = "/settings"
_FIELDS = ("display_name", "email", "language", "theme", "time_zone")
register(SettingsPage("profile", gettext_lazy("Profile"), "people:settings", 10))


@page("GET", "POST", who="member")
def profile(request: HttpRequest) -> HttpResponse:
    """Show how the person appears and what they prefer; POST changes it."""
    if request.method != "POST":
        return _show(request, None)
    form = ProfileForm(request.POST)
    if form.is_valid():
        try:
            actions.change_profile(person=_me(request), at=clock.now(), **form.cleaned_data)
        except NotAnAccount as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("Saved."))
            answer = HttpResponseRedirect(HERE)
            answer.delete_cookie("theme")  # what this browser chose before would go first
            return answer
    return _show(request, form)


def _me(request: HttpRequest) -> User:
    return cast(User, cast(Caller, request.caller).person)  # type: ignore[attr-defined]


def _show(request: HttpRequest, form: ProfileForm | None) -> HttpResponse:
    person = _me(request)
    filled = form or ProfileForm(initial={name: getattr(person, name) for name in _FIELDS})
    context = {"tab": "profile", "profile": filled}
    status = 422 if form and form.errors else 200
    return render_page(request, "people/profile.html", context, status=status)
