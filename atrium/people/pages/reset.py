from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from atrium.kit import clock
from atrium.people import actions
from atrium.people.actions import LinkGone, NotAnAccount, WrongNameOrCode
from atrium.people.forms import MailAddressForm, NewPasswordForm, RescueForm, say
from atrium.people.pages.mail import link_gone
from atrium.web.address import address_of, neighbourhood
from atrium.web.mail import goes_to_the_terminal
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", "POST", who="anyone")
def ask(request: HttpRequest) -> HttpResponse:
    """Ask where to mail a link for a new password; the answer is the same for every address."""
    form = MailAddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_for_reset(
                email=form.cleaned_data["email"],
                address=neighbourhood(address_of(request)),
                language=get_language() or "",
                at=clock.now(),
            )
        except NotAnAccount as refusal:
            say(form, refusal)
        else:
            return HttpResponseRedirect("/reset/sent")
    return _show(request, "people/reset_ask.html", {"form": form})


@page("GET", who="anyone")
def sent(request: HttpRequest) -> HttpResponse:
    """Say that a link is on its way, if there is somebody to have it."""
    return _show(request, "people/reset_sent.html", {"in_the_terminal": goes_to_the_terminal()})


@sensitive_post_parameters("new")
@page("GET", "POST", who="anyone")
def choose(request: HttpRequest, token: str) -> HttpResponse:
    """Let who has the link choose a new password; signs nobody in."""
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    try:
        person = actions.check_reset_link(token=token, at=clock.now())
    except LinkGone as refusal:
        return link_gone(request, refusal)
    if request.method == "POST" and form.is_valid():
        try:
            new = form.cleaned_data["new"]
            actions.reset_password(token=token, new=new, at=clock.now())
        except NotAnAccount as refusal:
            say(form, refusal)
        except LinkGone as refusal:
            return link_gone(request, refusal)
        else:
            return _done(request)
    return _show(request, "people/reset_choose.html", {"form": form, "person": person})


@sensitive_post_parameters("new", "code")
@page("GET", "POST", who="anyone")
def by_code(request: HttpRequest) -> HttpResponse:
    """Let who kept a rescue code choose a new password; signs nobody in."""
    form = RescueForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.rescue(
                **form.cleaned_data,
                address=neighbourhood(address_of(request)),
                at=clock.now(),
            )
        except (NotAnAccount, WrongNameOrCode) as refusal:
            say(form, refusal)
        else:
            return _done(request)
    return _show(request, "people/reset_by_code.html", {"form": form})


def _done(request: HttpRequest) -> HttpResponse:
    messages.success(
        request, _("Your password is new, and every browser is signed out. Sign in with it.")
    )
    return HttpResponseRedirect("/sign-in")


def _show(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    form = context.get("form")
    status = 422 if form is not None and form.errors else 200
    return render_page(request, template, context, status=status)
