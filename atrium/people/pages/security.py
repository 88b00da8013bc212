from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from atrium.kit import clock
from atrium.people import actions
from atrium.people.actions import NotAnAccount, WrongPassword
from atrium.people.caller import Caller
from atrium.people.forms import NewPasswordForm, PasswordForm, say
from atrium.people.models import Session, User
from atrium.people.queries import sessions_of
from atrium.people.recently import ask_again, is_recent
from atrium.people.session_store import hash_of
from atrium.people.settings_pages import (
    SecurityCard,
    SettingsPage,
    register,
    register_card,
    security_cards,
)
from atrium.web.policy import page
from atrium.web.render import render_page

HERE = "/settings/security"
register(SettingsPage("security", gettext_lazy("Security"), "people:security", 20))


@page("GET", who="member")
def security(request: HttpRequest) -> HttpResponse:
    """Show how the person gets in, and where they are signed in."""
    return show_security(request)


def show_security(request: HttpRequest, **shown: Any) -> HttpResponse:
    """Show all cards; ``shown`` replaces what a card would show, such as a form with its errors."""
    cards = security_cards()
    context: dict[str, Any] = {"tab": "security", "cards": [card.template for card in cards]}
    for card in cards:
        context |= card.context(request)
    wrong = any(isinstance(one, forms.Form) and one.errors for one in shown.values())
    return render_page(
        request, "people/security.html", {**context, **shown}, status=422 if wrong else 200
    )


@page("GET", who="member")
def to_password(request: HttpRequest) -> HttpResponse:
    """Lead to where the password is changed, or set by who has none yet."""
    return HttpResponseRedirect(f"{HERE}#password")


@sensitive_post_parameters("old", "new")
@page("POST", who="member")
def password(request: HttpRequest) -> HttpResponse:
    """Change the password, or set the first one, and stay signed in here alone."""
    has_one = _me(request).has_usable_password()
    if not has_one and not is_recent(request):
        return ask_again(request)
    form = PasswordForm(request.POST) if has_one else NewPasswordForm(request.POST)
    if form.is_valid():
        try:
            person = actions.change_password(
                person=_me(request),
                old=form.cleaned_data.get("old", ""),
                new=form.cleaned_data["new"],
                keep_session=_session_hash(request),
                at=clock.now(),
            )
        except (WrongPassword, NotAnAccount) as refusal:
            say(form, refusal)
        else:
            update_session_auth_hash(request, person)
            messages.success(request, _("Your password is new, and other browsers are signed out."))
            return HttpResponseRedirect(HERE)
    return show_security(request, password=form)


@page("POST", who="member")
def end_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Sign one of the person's other browsers out."""
    session = Session.objects.visible_to(_caller(request)).filter(id=session_id).first()
    if session is None:
        raise Http404
    actions.end_session(session=session, at=clock.now())
    messages.success(request, _("That browser is signed out."))
    return HttpResponseRedirect(f"{HERE}#browsers")


@page("POST", who="member")
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    actions.sign_out_everywhere(
        person=_me(request), except_key_hash=_session_hash(request), at=clock.now()
    )
    messages.success(request, _("Every other browser and app is signed out."))
    return HttpResponseRedirect(f"{HERE}#browsers")


def _password_card(request: HttpRequest) -> dict[str, Any]:
    has_one = _me(request).has_usable_password()
    return {"password": PasswordForm() if has_one else NewPasswordForm()}


def _browsers_card(request: HttpRequest) -> dict[str, Any]:
    return {"sessions": sessions_of(_me(request)), "this_session": _session_hash(request)}


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def _me(request: HttpRequest) -> User:
    return cast(User, _caller(request).person)


def _session_hash(request: HttpRequest) -> str:
    return hash_of(str(request.session.session_key))


register_card(SecurityCard("people/security/password.html", 10, _password_card))
register_card(SecurityCard("people/security/browsers.html", 90, _browsers_card))
