"""Signing up and in, by whichever door: password, passkey, provider, or a program."""

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import is_headless_request
from allauth.headless.base.response import RateLimitResponse
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from atrium.events.actions import whisper
from atrium.kit import clock
from atrium.options.queries import value
from atrium.people import actions
from atrium.people.actions import TooManyTries, WrongNameOrPassword, second_factor
from atrium.people.actions.passwords import put_password
from atrium.people.brought_along import bring_along
from atrium.people.invited import way_in
from atrium.people.models import User
from atrium.people.recently import is_recent
from atrium.people.session_store import AGENT, PLACE
from atrium.people.statement import tell_why
from atrium.people.suspended import Suspended
from atrium.web.address import address_of, neighbourhood, region
from atrium.web.refusals import wants_json


class AccountAdapter(DefaultAccountAdapter):
    """What our people are to allauth's flows."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Recognise by name and password; every try counts, in all processes together."""
        try:
            return actions.recognise(
                username=credentials.get("username") or credentials.get("email") or "",
                password=credentials.get("password") or "",
                address=self.get_client_ip(request),
                at=clock.now(),
            )
        except WrongNameOrPassword:
            return None
        except TooManyTries:
            if is_headless_request(request):
                raise ImmediateHttpResponse(RateLimitResponse(request)) from None
            raise

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return not way_in(request).is_closed

    def set_password(self, user: User, password: str) -> None:
        """Keep to our one way, should a flow of allauth's ever come by."""
        put_password(person=user, hashed=make_password(password), at=clock.now())

    def logout(self, request: HttpRequest) -> None:
        """End the session, and the event stream that it opened."""
        audience = f"person:{request.user.pk}" if request.user.is_authenticated else ""
        super().logout(request)
        if audience:
            whisper(audience, "bye", {})

    def pre_login(self, request: HttpRequest, user: User, **told: Any) -> HttpResponse | None:
        """Turn away at every door whose account is not open; the suspended read why."""
        try:
            actions.open_when_over(person=user, at=clock.now())
        except Suspended as refusal:
            if wants_json(request):
                raise
            return tell_why(request, refusal)
        return cast(HttpResponse | None, super().pre_login(request, user, **told))

    def login(self, request: HttpRequest, user: User) -> None:
        """Let the person in: every door leads through here, once all its questions are answered."""
        guest = request.caller.guest  # type: ignore[attr-defined]
        super().login(request, user)  # with a new session key, whatever it was before
        agent = request.headers.get("User-Agent", "")
        request.session[AGENT] = agent
        request.session[PLACE] = region(address_of(request))
        if guest:
            bring_along(request, user, guest)
        actions.note_sign_in(person=user, agent=agent, address=address_of(request), at=clock.now())

    def is_reauthentication_required(self, *, app: str, **_more: Any) -> bool:
        """Whether who asks has to prove who they are once more; a sign-in just now is a proof."""
        return not is_recent(self.request)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Say what became of a second factor, wherever it was done; our actions say the rest."""
        if what := second_factor.WHAT_HAPPENED.get(template_prefix):
            second_factor.note_second_factor(person=user, what=what, at=clock.now())

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the network that asks, as all our limits count it."""
        return neighbourhood(address_of(request))

    def is_safe_url(self, url: str | None) -> bool:
        """Whether ``url`` is a page of ours."""
        local = bool(url) and str(url).startswith("/")
        return local and url_has_allowed_host_and_scheme(str(url), allowed_hosts=None)

    def get_from_email(self) -> str:
        return str(value("mail.from"))
