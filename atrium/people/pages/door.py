from typing import Any, TypeVar, cast
from uuid import UUID

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from atrium.events.actions import whisper
from atrium.kit import clock
from atrium.people import actions
from atrium.people.actions import NameTaken, NotAnAccount, WrongNameOrPassword
from atrium.people.actions.joining import AddressNotOurs, SignUpClosed, check_may_join
from atrium.people.actions.terms import TermsNotAccepted
from atrium.people.caller import Caller
from atrium.people.forms import SignInForm, SignUpForm, say
from atrium.people.invited import WayIn, way_in, words_for_strangers
from atrium.people.invited import forget as forget_invitation
from atrium.people.joining_forms import JoinForm
from atrium.people.models import User
from atrium.people.pages.mail import tell_of_link
from atrium.people.statement import tell_why
from atrium.people.suspended import Suspended
from atrium.web.address import address_of, neighbourhood
from atrium.web.policy import page
from atrium.web.render import render_page

Form = TypeVar("Form", bound=forms.Form)


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
            return _let_in(request, person, Login(user=person, redirect_url=_onward(request)))
    return _show(request, "people/sign_in.html", form)


@sensitive_post_parameters("password")
@page("GET", "POST", who="anyone")
def sign_up(request: HttpRequest) -> HttpResponse:
    """Make an account; what a guest made is the person's from then on."""
    caller = _caller(request)
    if caller.is_member:
        return HttpResponseRedirect(_onward(request))
    way = way_in(request)
    if way.is_closed:
        return _closed(request)
    form = _form(request, JoinForm, way=way)
    if request.method == "POST" and form.is_valid():
        try:
            person = _come_in(request, form.cleaned_data, way, agreed=form.agreed)
        except (NameTaken, NotAnAccount, AddressNotOurs, TermsNotAccepted) as refusal:
            say(form, refusal)
        else:
            forget_invitation(request)
            messages.success(request, _("Welcome. Your account stands."))
            if form.cleaned_data["email"]:
                if not person.email:
                    tell_of_link(request, form.cleaned_data["email"])
                return _first_time(request, person, to=_onward(request))
            # Without an address nothing but these brings the account back.
            then = urlencode({"next": _onward(request)})
            return _first_time(request, person, to=f"{reverse('people:rescue_codes')}?{then}")
    return _show(request, "people/sign_up.html", form, way=way)


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
            return _first_time(request, person, to=_onward(request))
    return _show(request, "people/welcome.html", form)


def _come_in(request: HttpRequest, told: dict[str, Any], way: WayIn, *, agreed: list[UUID]) -> User:
    email, now = told["email"], clock.now()
    proved = way.proves(email)
    welcome = check_may_join(
        email=email, is_confirmed=proved, invitation_id=way.invitation_id, at=now
    )
    return actions.sign_up(
        username=told["username"],
        password=told["password"],
        email=email,
        email_is_verified=proved,
        language=get_language() or "",
        address=neighbourhood(address_of(request)),
        welcome=welcome,
        terms=agreed,
        at=now,
    )


def _closed(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        raise SignUpClosed
    return render_page(request, "people/sign_up_closed.html", {"next": _onward(request)})


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def _form(request: HttpRequest, kind: type[Form], **more: Any) -> Form:
    if request.method == "POST":
        return kind(request.POST, **more)
    return kind(initial={"next": request.GET.get("next", "")}, **more)


def _show(request: HttpRequest, template: str, form: forms.Form, **more: Any) -> HttpResponse:
    context = {"form": form, "next": _onward(request), "comes_along": _caller(request).guest}
    context |= {"sign_up_words": words_for_strangers(), **more}
    return render_page(request, template, context, status=422 if form.errors else 200)


def _first_time(request: HttpRequest, person: User, *, to: str) -> HttpResponse:
    """Let in who has an account since a moment ago: what they do it with is no news to them."""
    device = {"agent": request.headers.get("User-Agent", ""), "address": address_of(request)}
    actions.see_device(person=person, **device, at=clock.now())
    return _let_in(request, person, Login(user=person, redirect_url=to, signup=True))


def _let_in(request: HttpRequest, person: User, login: Login) -> HttpResponse:
    named = {"username": person.username}
    return cast(HttpResponse, perform_password_login(request, named, login))


def _onward(request: HttpRequest) -> str:
    """Return the page that was asked for before, if it is one of ours, else the front page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    local = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if local else "/"
