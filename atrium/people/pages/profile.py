from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.people import actions
from atrium.people.actions import NotAnAccount
from atrium.people.caller import Caller
from atrium.people.forms import ProfileForm, say
from atrium.people.models import User
from atrium.people.settings_pages import SettingsPage, register
from atrium.web.policy import page
from atrium.web.render import render_page

HERE = "/settings"
register(SettingsPage("profile", gettext_lazy("Profile"), "people:settings", 10))


@page("GET", "POST", who="member")
def profile(request: HttpRequest) -> HttpResponse:
    """Show how the person appears and what they prefer; POST changes it."""
    if request.method != "POST":
        return show_profile(request)
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
    return show_profile(request, form=form)


def show_profile(
    request: HttpRequest, *, form: ProfileForm | None = None, picture_error: str = ""
) -> HttpResponse:
    """Show the page, with a form as it was sent, or with what is wrong with a picture."""
    person = _me(request)
    kept = {name: getattr(person, name) for name in ProfileForm.base_fields}
    context = {
        "tab": "profile",
        "profile": form or ProfileForm(initial=kept),
        "picture_error": picture_error,
        "most_bytes": LIMITS.portrait_bytes,
    }
    status = 422 if picture_error or (form and form.errors) else 200
    return render_page(request, "people/profile.html", context, status=status)


def _me(request: HttpRequest) -> User:
    return cast(User, cast(Caller, request.caller).person)  # type: ignore[attr-defined]
