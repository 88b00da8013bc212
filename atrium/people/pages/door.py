from typing import cast

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from atrium.events.actions import whisper
from atrium.kit import clock
from atrium.people import actions
from atrium.people.actions import NameTaken, NotAnAccount, WrongNameOrPassword
from atrium.people.caller import Caller
from atrium.people.forms import SignInForm, SignUpForm, say
from atrium.people.models import User
from atrium.people.statement import tell_why
from atrium.people.suspended import Suspended
from atrium.web.address import address_of, neighbourhood
from atrium.web.policy import page
from atrium.web.render import render_page


@sensitive_post_parameters("password")
@page("GET", "POST", who="anyone")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; what a guest made comes along."""
    if _caller(request).is_member:
        return HttpResponseRedirect(_onward(request))
    form = _form(request, SignInForm)
    if request.method == "POST" and form.is_valid():
        try:
            person = actions.recognise(
                username=form.cleaned_data["username"],
                password=form.cleaned_data["password"],
                address=neighbourhood(address_of(request)),
                at=clock.now(),
            )
        except WrongNameOrPassword as refusal:
            say(form, refusal)
        except Suspended as refusal:
            return tell_why(request, refusal)
        else:
            named = {"username": person.username}
            return perform_password_login(request, named, _login(request, person))
    return _show(request, "people/sign_in.html", form)


@sensitive_post_parameters("password")
@page("GET", "POST", who="anyone")
def sign_up(request: HttpRequest) -> HttpResponse:
    """Make an account; what a guest made is the person's from then on."""
    caller = _caller(request)
    if caller.is_member:
        return HttpResponseRedirect(_onward(request))
    form = _form(request, SignUpForm)
    if request.method == "POST" and form.is_valid():
        try:
            person = actions.sign_up(
                username=form.cleaned_data["username"],
                password=form.cleaned_data["password"],
                guest=caller.guest,
                address=neighbourhood(address_of(request)),
                at=clock.now(),
            )
        except (NameTaken, NotAnAccount) as refusal:
            say(form, refusal)
        else:
            messages.success(request, _("Welcome. Your account stands."))
            return _first_time(request, person)
    return _show(request, "people/sign_up.html", form)


@page("POST", who="anyone")
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this browser's session, and the event stream that it opened."""
    caller = _caller(request)
    logout(request)
    if caller.audience:
        whisper(caller.audience, "bye", {})
    return HttpResponseRedirect("/")


@sensitive_post_parameters("password")
@page("GET", "POST", who="anyone")
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Let the first administrator choose a name and a password."""
    actions.check_first_admin_link(token=token, at=clock.now())
    form = _form(request, SignUpForm)
    if request.method == "POST" and form.is_valid():
        try:
            person = actions.make_first_admin(
                token=token,
                username=form.cleaned_data["username"],
                password=form.cleaned_data["password"],
                at=clock.now(),
            )
        except (NameTaken, NotAnAccount) as refusal:
            say(form, refusal)
        else:
            return _first_time(request, person)
    return _show(request, "people/welcome.html", form)


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def _form(request: HttpRequest, kind: type[forms.Form]) -> forms.Form:
    if request.method == "POST":
        return kind(request.POST)
    return kind(initial={"next": request.GET.get("next", "")})


def _show(request: HttpRequest, template: str, form: forms.Form) -> HttpResponse:
    context = {"form": form, "next": _onward(request), "comes_along": _caller(request).guest}
    return render_page(request, template, context, status=422 if form.errors else 200)


def _first_time(request: HttpRequest, person: User) -> HttpResponse:
    """Let in who has an account since a moment ago: what they do it with is no news to them."""
    device = {"agent": request.headers.get("User-Agent", ""), "address": address_of(request)}
    actions.see_device(person=person, **device, at=clock.now())
    named = {"username": person.username}
    return perform_password_login(request, named, _login(request, person, signup=True))


def _login(request: HttpRequest, person: User, *, signup: bool = False) -> Login:
    return Login(user=person, redirect_url=_onward(request), signup=signup)


def _onward(request: HttpRequest) -> str:
    """Return the page that was asked for before, if it is one of ours, else the front page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    local = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if local else "/"
