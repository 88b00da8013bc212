from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from atrium.kit import clock
from atrium.people import actions
from atrium.people.actions import NotAnAccount, TooManyKeys, UnknownScope, WrongPassword
from atrium.people.caller import Caller
from atrium.people.forms import KeyForm, PasswordForm, ProfileForm, say
from atrium.people.models import ApiKey, Session, User
from atrium.people.queries import sessions_of
from atrium.people.scopes import READ
from atrium.people.session_store import hash_of
from atrium.web.policy import page
from atrium.web.render import render_page

HERE = "/settings"


@page("GET", "POST", who="member")
def settings(request: HttpRequest) -> HttpResponse:
    """Show everything that is the person's own to change; POST changes the profile."""
    if request.method != "POST":
        return _show(request)
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
    return _show(request, profile=form)


@sensitive_post_parameters("old", "new")
@page("POST", who="member")
def password(request: HttpRequest) -> HttpResponse:
    """Change the password, and stay signed in here alone."""
    form = PasswordForm(request.POST)
    if form.is_valid():
        try:
            person = actions.change_password(
                person=_me(request),
                old=form.cleaned_data["old"],
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
    return _show(request, password=form)


@page("POST", who="member")
def make_key(request: HttpRequest) -> HttpResponse:
    """Make a key, and show it this once."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _show(request, key=form)
    now, days = clock.now(), form.cleaned_data["lasts"]
    try:
        made, token = actions.issue_key(
            person=_me(request),
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=now + timedelta(days=int(days)) if days else None,
            at=now,
        )
    except (UnknownScope, TooManyKeys) as refusal:
        say(form, refusal)
        return _show(request, key=form)
    return _show(request, made_key=made, token=token)


@page("POST", who="member")
def revoke_key(request: HttpRequest, key_id: UUID) -> HttpResponse:
    key = ApiKey.objects.visible_to(_caller(request)).filter(pk=key_id).first()
    if key is None:
        raise Http404
    actions.revoke_key(key=key, at=clock.now())
    messages.success(request, _("The key is revoked."))
    return HttpResponseRedirect(f"{HERE}#keys")


@page("POST", who="member")
def end_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Sign one of the person's other browsers out."""
    session = Session.objects.visible_to(_caller(request)).filter(id=session_id).first()
    if session is None:
        raise Http404
    actions.end_session(session=session)
    messages.success(request, _("That browser is signed out."))
    return HttpResponseRedirect(f"{HERE}#browsers")


@page("POST", who="member")
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    actions.sign_out_everywhere(person=_me(request), except_key_hash=_session_hash(request))
    messages.success(request, _("Every other browser is signed out."))
    return HttpResponseRedirect(f"{HERE}#browsers")


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def _me(request: HttpRequest) -> User:
    return cast(User, _caller(request).person)


def _session_hash(request: HttpRequest) -> str:
    return hash_of(str(request.session.session_key))


def _show(request: HttpRequest, **shown: Any) -> HttpResponse:
    person = _me(request)
    names = ("display_name", "email", "language", "theme", "time_zone")
    context: dict[str, Any] = {
        "profile": ProfileForm(initial={name: getattr(person, name) for name in names}),
        "password": PasswordForm(),
        "key": KeyForm(initial={"scopes": [READ], "lasts": "90"}),
        "keys": ApiKey.objects.visible_to(_caller(request))
        .usable(at=clock.now())
        .order_by("-made_at"),
        "sessions": sessions_of(person),
        "this_session": _session_hash(request),
        **shown,
    }
    wrong = any(isinstance(one, forms.Form) and one.errors for one in shown.values())
    answer = render_page(request, "people/settings.html", context, status=422 if wrong else 200)
    if "token" in shown:
        answer.headers["Cache-Control"] = "no-store"
    return answer
