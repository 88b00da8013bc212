"""The flows of an account as JSON, for apps: allauth's addresses and answers, our actions.

Where allauth's own view would write past our actions, one of ours stands in its place.
"""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any, cast

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import EmailAddress, Login
from allauth.core.exceptions import ReauthenticationRequired
from allauth.headless import urls as theirs
from allauth.headless.account import response, views
from allauth.headless.base.response import (
    AuthenticationResponse,
    ConflictResponse,
)
from allauth.headless.base.views import AuthenticatedAPIView
from allauth.headless.constants import Client
from allauth.headless.internal.restkit import inputs
from allauth.headless.internal.restkit.response import APIResponse
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.kit.errors import Refusal, TooMany, Unprocessable
from atrium.people import actions
from atrium.people.actions.joining import check_may_join
from atrium.people.invited import forget as forget_invitation
from atrium.people.invited import way_in
from atrium.people.models import MailedLink, User
from atrium.people.queries import mail_addresses_of
from atrium.people.recently import is_recent
from atrium.people.session_store import hash_of
from atrium.web.address import address_of, neighbourhood

Answer = Any  # allauth carries no types
Opens = MailedLink.Opens


class UnknownAddress(Unprocessable):
    code = "unknown_address"


def refused(request: HttpRequest, refusal: Refusal, **params: str) -> Answer:
    """Say a refusal as allauth does; ``params`` are its names for the fields that are ours."""
    # Gone would tell an app to throw its session away, Conflict that somebody is signed in.
    status = HTTPStatus.BAD_REQUEST
    if isinstance(refusal, TooMany) or refusal.status == HTTPStatus.FORBIDDEN:
        status = HTTPStatus(refusal.status)
    fields = refusal.fields or {"": refusal.detail}
    errors = []
    for name, said in fields.items():
        param = params.get(name, name)
        error = {"message": str(said), "code": refusal.code}
        errors.append({**error, "param": param} if param else error)
    return APIResponse(request, errors=errors, status=status)


def refusing(**params: str) -> Callable[[Any], Any]:
    """Answer what an action refuses, with allauth's names for our fields."""

    def around(method: Any) -> Any:
        def answered(view: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> Answer:
            try:
                return method(view, request, *args, **kwargs)
            except Refusal as refusal:
                return refused(request, refusal, **params)

        return answered

    return around


class SignUpInput(inputs.Input):
    username = inputs.CharField(max_length=254)
    email = inputs.EmailField(required=False)
    password = inputs.CharField(strip=False)


class SignUp(views.SignupView):
    """Make an account, as the page does, with the same policy, terms and limits."""

    input_class: Any = {"POST": SignUpInput}  # noqa: RUF012

    @refusing()
    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Answer:
        if request.user.is_authenticated:
            return ConflictResponse(request)
        now, told, way = clock.now(), self.input.cleaned_data, way_in(request)
        agreed = (self.data or {}).get("terms") or []
        proved = way.proves(told["email"])
        welcome = check_may_join(
            email=told["email"], is_confirmed=proved, invitation_id=way.invitation_id, at=now
        )
        person = actions.sign_up(
            **told,
            email_is_verified=proved,
            language=get_language() or "",
            address=neighbourhood(address_of(request)),
            welcome=welcome,
            terms=[one.pk for one in way.terms if str(one.pk) in agreed],
            at=now,
        )
        forget_invitation(request)
        agent = request.headers.get("User-Agent", "")
        actions.see_device(person=person, agent=agent, address=address_of(request), at=now)
        login = Login(user=person, signup=True)
        answer = perform_password_login(request, {"username": person.username}, login)
        return AuthenticationResponse.from_response(request, answer)


class ChangePasswordInput(inputs.Input):
    current_password = inputs.CharField(strip=False, required=False)
    new_password = inputs.CharField(strip=False)


class ChangePassword(views.ChangePasswordView):
    """Change the password, or set the first; every other browser and app is signed out."""

    input_class: Any = ChangePasswordInput

    @refusing(old="current_password", new="new_password")
    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Answer:
        person = _me(request)
        if not person.has_usable_password() and not is_recent(request):
            raise ReauthenticationRequired
        actions.change_password(
            person=person,
            old=self.input.cleaned_data["current_password"],
            new=self.input.cleaned_data["new_password"],
            keep_session=hash_of(str(request.session.session_key)),
            at=clock.now(),
        )
        update_session_auth_hash(request, person)
        return AuthenticationResponse(request)

    def get_input_kwargs(self) -> dict[str, Any]:
        return {}


class AddressInput(inputs.Input):
    email = inputs.EmailField()


class AskForReset(views.RequestPasswordResetView):
    """Have a link mailed; the same answer, in the same time, for every address."""

    input_class: Any = AddressInput

    @refusing()
    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Answer:
        actions.ask_for_reset(
            email=self.input.cleaned_data["email"],
            address=neighbourhood(address_of(request)),
            language=get_language() or "",
            at=clock.now(),
        )
        return response.RequestPasswordResponse(request)


class ResetInput(inputs.Input):
    key = inputs.CharField()
    password = inputs.CharField(strip=False)


class Reset(views.ResetPasswordView):
    """Set a new password by the key of a mailed link; signs nobody in."""

    input_class: Any = ResetInput

    @refusing()
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Answer:
        key = request.headers.get("X-Password-Reset-Key", "")
        person = actions.check_reset_link(token=key, at=clock.now())
        return APIResponse(request, data={"user": {"username": person.username}})

    @refusing(new="password")
    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Answer:
        told = self.input.cleaned_data
        actions.reset_password(token=told["key"], new=told["password"], at=clock.now())
        return AuthenticationResponse(request)


class KeyInput(inputs.Input):
    key = inputs.CharField()


class ConfirmAddress(views.VerifyEmailView):
    """Confirm a mail address by the key of a mailed link; signs nobody in."""

    input_class: Any = KeyInput

    @refusing()
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Answer:
        key = request.headers.get("X-Email-Verification-Key", "")
        link = actions.check_link(token=key, opens=Opens.CONFIRM, at=clock.now())
        data = {"email": link.address.email, "user": {"username": link.person.username}}
        return APIResponse(request, data=data, meta={"is_authenticating": False})

    @refusing()
    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Answer:
        actions.confirm_address(token=self.input.cleaned_data["key"], at=clock.now())
        return AuthenticationResponse(request)

    def get_input_kwargs(self) -> dict[str, Any]:
        return {}


class PrimaryInput(AddressInput):
    primary = inputs.BooleanField()


class Addresses(AuthenticatedAPIView):
    """The mail addresses of who is signed in; changes ask for a recent proof of who it is."""

    input_class: Any = {  # noqa: RUF012
        "POST": AddressInput,
        "PUT": AddressInput,
        "PATCH": PrimaryInput,
        "DELETE": AddressInput,
    }

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Answer:
        return self._listed(request)

    @refusing()
    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Answer:
        _check_recent(request)
        language = get_language() or ""
        email = self.input.cleaned_data["email"]
        actions.add_address(person=_me(request), email=email, language=language, at=clock.now())
        return self._listed(request)

    @refusing()
    def put(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Answer:
        address = self._named(request)
        actions.send_confirmation(address=address, language=get_language() or "", at=clock.now())
        return response.RequestEmailVerificationResponse(
            request, verification_sent=not address.verified
        )

    @refusing()
    def patch(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Answer:
        _check_recent(request)
        actions.make_primary(address=self._named(request), at=clock.now())
        return self._listed(request)

    @refusing()
    def delete(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Answer:
        _check_recent(request)
        actions.remove_address(address=self._named(request), at=clock.now())
        return self._listed(request)

    def _named(self, request: HttpRequest) -> EmailAddress:
        email = self.input.cleaned_data["email"].lower()
        for address in mail_addresses_of(_me(request)):
            if address.email == email:
                return address
        reason = _("You have no such address.")
        raise UnknownAddress(reason, fields={"email": reason})

    @staticmethod
    def _listed(request: HttpRequest) -> Answer:
        return response.EmailAddressesResponse(request, mail_addresses_of(_me(request)))


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _check_recent(request: HttpRequest) -> None:
    if not is_recent(request):
        raise ReauthenticationRequired


OURS: dict[str, Any] = {
    "signup": SignUp,
    "change_password": ChangePassword,
    "request_password_reset": AskForReset,
    "reset_password": Reset,
    "verify_email": ConfirmAddress,
    "manage_email": Addresses,
}


# Nobody has a telephone number here; allauth routes these all the same.
NOT_OURS = {"manage_phone", "verify_phone", "resend_phone_verification_code"}


def _leaves(entries: list[Any]) -> Iterator[URLPattern]:
    for entry in entries:
        if isinstance(entry, URLPattern):
            yield entry
        else:
            yield from _leaves(entry.url_patterns)


def _without(entries: list[Any]) -> None:
    """Take what is not ours out of the lists that allauth made."""
    entries[:] = [entry for entry in entries if getattr(entry, "name", "") not in NOT_OURS]
    for entry in entries:
        if not isinstance(entry, URLPattern):
            _without(entry.url_patterns)


def with_ours() -> list[Any]:
    """Return allauth's addresses, leading to our views where we have one."""
    _without(theirs.urlpatterns)
    for resolver in theirs.urlpatterns:
        client = Client.APP if str(resolver.pattern).startswith("app") else Client.BROWSER
        for entry in _leaves([resolver]):
            if entry.name in OURS:
                entry.callback = OURS[entry.name].as_api_view(client=client)
    return list(theirs.urlpatterns)


app_name = "headless"
urlpatterns = with_ours()
