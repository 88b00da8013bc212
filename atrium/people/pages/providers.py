"""The doors that others vouch at: there, back, a name for who is new, and the list in settings."""

import logging
from collections.abc import Callable
from typing import Any, cast

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.internal.flows import signup as pending
from allauth.socialaccount.internal.flows.login import record_authentication
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.people import access, actions, vouching
from atrium.people.actions import NameTaken, NotAnAccount
from atrium.people.actions.joining import AddressNotOurs, check_may_join
from atrium.people.actions.terms import TermsNotAccepted
from atrium.people.caller import Caller
from atrium.people.forms import say
from atrium.people.invited import WayIn, way_in
from atrium.people.invited import forget as forget_invitation
from atrium.people.joining_forms import FinishForm
from atrium.people.models import SignInProvider, User
from atrium.people.queries import sign_ins_of
from atrium.people.recently import recently_authenticated
from atrium.people.settings_pages import SecurityCard, register_card
from atrium.web.address import address_of, neighbourhood
from atrium.web.policy import page
from atrium.web.render import render_page

View = Callable[..., HttpResponse]
HERE = "/settings/security#sign-ins"
# What allauth meets when a provider answers in a way that it did not think of.
_NONSENSE = (
    *(OAuth2Error, vouching.NoAnswer, ImproperlyConfigured),
    *(AttributeError, KeyError, TypeError, ValueError),
)
_log = logging.getLogger(__name__)


def leading_there(view: View) -> View:
    """Make allauth's way to a provider a page of ours.

    It ends in a page that goes on by itself: a redirect out of a form that was sent is what our
    content policy forbids.
    """

    @page("POST", who="anyone")
    def there(request: HttpRequest, **named: Any) -> HttpResponse:
        answer = _asked(view, request, named)
        outside = answer.headers.get("Location", "")
        if not outside.startswith(("https://", "http://")):
            return answer
        return render_page(request, "people/onward.html", {"address": outside})

    return there


def coming_back(view: View) -> View:
    """Make allauth's way back from a provider a page of ours, whatever the provider says."""

    @page("GET", who="anyone")
    def back(request: HttpRequest, **named: Any) -> HttpResponse:
        return _asked(view, request, named)

    return back


def _asked(view: View, request: HttpRequest, named: dict[str, Any]) -> HttpResponse:
    slug = named.get("provider_id") or request.path_info.split("/")[2]
    if not SignInProvider.objects.offered().filter(slug=slug).exists():
        raise Http404
    try:
        return view(request, **named)
    except _NONSENSE as nonsense:
        _log.warning("A provider's answer is of no use: %r", nonsense)
        answer: HttpResponse = render_authentication_error(request, slug, exception=nonsense)
        return answer


@page("GET", "POST", who="anyone")
def finish(request: HttpRequest) -> HttpResponse:
    """Let somebody new, for whom a provider vouches, choose a name."""
    sociallogin = pending.get_pending_signup(request)
    if sociallogin is None or _caller(request).is_member:
        return HttpResponseRedirect("/sign-in")
    way = way_in(request)
    if way.is_closed:
        return render_page(request, "people/sign_up_closed.html", {"next": "/"}, status=403)
    named = {"username": _suggested(sociallogin)}
    form = FinishForm(request.POST or None, initial=named, terms=way.terms)
    if request.method == "POST" and form.is_valid():
        try:
            person = _come_in(request, sociallogin, form, way)
        except (NameTaken, NotAnAccount, AddressNotOurs, TermsNotAccepted) as refusal:
            say(form, refusal)
        else:
            forget_invitation(request)
            return _let_in(request, person, sociallogin)
    shown = {
        "form": form,
        "way": way,
        "provider": sociallogin.provider.name,
        "email": _verified_address(sociallogin),
        "comes_along": _caller(request).guest,
    }
    status = 422 if form.errors else 200
    return render_page(request, "people/finish_sign_up.html", shown, status=status)


def _come_in(request: HttpRequest, sociallogin: SocialLogin, form: FinishForm, way: WayIn) -> User:
    email, now = _verified_address(sociallogin), clock.now()
    welcome = check_may_join(
        email=email, is_confirmed=True, invitation_id=way.invitation_id, at=now
    )
    return actions.sign_up_vouched(
        username=form.cleaned_data["username"],
        account=sociallogin.account,
        email=email,
        address=neighbourhood(address_of(request)),
        welcome=welcome,
        terms=form.agreed,
        at=now,
    )


def _let_in(request: HttpRequest, person: User, sociallogin: SocialLogin) -> HttpResponse:
    messages.success(request, _("Welcome. Your account stands."))
    agent = request.headers.get("User-Agent", "")
    actions.see_device(person=person, agent=agent, address=address_of(request), at=clock.now())
    pending.clear_pending_signup(request)
    sociallogin.user = person
    record_authentication(request, sociallogin)
    onward = sociallogin.get_redirect_url(request) or "/"
    answer: HttpResponse = perform_login(
        request, Login(user=person, redirect_url=onward, signup=True)
    )
    return answer


def _verified_address(sociallogin: SocialLogin) -> str:
    verified = (one.email for one in sociallogin.email_addresses if one.verified is True)
    return next(verified, "")


def _suggested(sociallogin: SocialLogin) -> str:
    """Return a name that the form can begin with: what they are called there, as far as it fits."""
    told = sociallogin.user.username or _verified_address(sociallogin).partition("@")[0]
    fitting = "".join(mark for mark in User.normalize_username(told) if _may_stand(mark))
    return fitting[:40]


def _may_stand(mark: str) -> bool:
    return mark.isalnum() or mark in "@.+-_"


@page("GET", "POST", who="member")
def connections(request: HttpRequest) -> HttpResponse:
    """Lead to the list among the settings; allauth knows no other address for it."""
    return HttpResponseRedirect(HERE)


@page("POST", who="member")
@recently_authenticated("POST")
def disconnect(request: HttpRequest, account_id: int) -> HttpResponse:
    """Let a provider open the account no more."""
    person = cast(User, _caller(request).person)
    account = sign_ins_of(person).filter(pk=account_id).first()
    if account is None:
        raise Http404
    actions.disconnect_provider(person=person, account=account, at=clock.now())
    messages.success(request, _("It opens your account no more."))
    return HttpResponseRedirect(HERE)


def _connected(request: HttpRequest) -> dict[str, Any]:
    person = cast(User, _caller(request).person)
    offered = {row.slug: row for row in SignInProvider.objects.offered()}
    accounts = list(sign_ins_of(person))
    return {
        "connected": [
            {
                "account": one,
                "provider": offered.get(one.provider, one.provider),
                "is_last": access.is_last_way_in(person, f"provider:{one.pk}"),
            }
            for one in accounts
        ],
        "connectable": [
            row for slug, row in offered.items() if slug not in {one.provider for one in accounts}
        ],
    }


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


register_card(SecurityCard("people/security/sign_ins.html", 40, _connected))
