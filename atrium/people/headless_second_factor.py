"""The second factor as JSON: allauth's operations with our checks, at the addresses it gives them.

Stands before ``allauth.headless.urls``; what is not here is allauth's own.
"""

from collections.abc import Iterator
from typing import Any, cast

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.headless.constants import Client
from allauth.headless.internal.restkit import inputs
from allauth.headless.mfa import response, views
from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.internal.flows import begin_registration
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from atrium.kit import clock
from atrium.people import second_factor_forms as given
from atrium.people.actions.second_factor import ask_for_passkey, remove_passkey
from atrium.people.models import User
from atrium.people.second_factor import app_of
from atrium.web.address import address_of, neighbourhood
from atrium.web.policy import page


class CodeInput(given.CodeForm, inputs.Input):
    pass


class CodeAgainInput(given.CodeAgainForm, inputs.Input):
    pass


class AppInput(given.AppForm, inputs.Input):
    pass


class PasskeyInput(given.PasskeyForm, inputs.Input):
    pass


class PasskeyAgainInput(given.PasskeyAgainForm, inputs.Input):
    pass


class PasskeyDoorInput(given.PasskeyDoorForm, inputs.Input):
    pass


class NewPasskeyInput(given.NewPasskeyForm, inputs.Input):
    pass


class GiveCode(views.AuthenticateView):
    input_class = CodeInput


class GiveCodeAgain(views.ReauthenticateView):
    input_class = CodeAgainInput


class SignByPasskey(views.AuthenticateWebAuthnView):
    input_class = {"POST": PasskeyInput}  # noqa: RUF012 - allauth's own form


class SignByPasskeyAgain(views.ReauthenticateWebAuthnView):
    input_class = {"POST": PasskeyAgainInput}  # noqa: RUF012


class SignInByPasskey(views.LoginWebAuthnView):
    input_class = {"POST": PasskeyDoorInput}  # noqa: RUF012

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        ask_for_passkey(address=neighbourhood(address_of(request)), at=clock.now())
        return cast(HttpResponse, super().get(request, *args, **kwargs))


class App(views.ManageTOTPView):
    input_class = {"POST": AppInput}  # noqa: RUF012

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = cast(User, request.user)
        if found := app_of(person):
            return cast(HttpResponse, response.TOTPResponse(request, found))
        secret = given.offered_secret(request.session, anew=True)
        address = get_adapter().build_totp_url(person, secret)
        return cast(HttpResponse, response.TOTPNotFoundResponse(request, secret, address))

    def get_input_kwargs(self) -> dict[str, Any]:
        return {"user": self.request.user, "session": self.request.session}


class Passkeys(views.ManageWebAuthnView):
    """Those that are added open by themselves, and the last way into an account stays."""

    input_class = {**views.ManageWebAuthnView.input_class, "POST": NewPasskeyInput}  # noqa: RUF012

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        options = begin_registration(request, request.user, passwordless=True)
        return cast(HttpResponse, response.AddWebAuthnResponse(request, options))

    def delete(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        raise_if_reauthentication_required(request, app="allauth.mfa")
        for passkey in self.input.cleaned_data["authenticators"]:
            remove_passkey(person=cast(User, request.user), passkey_id=passkey.pk, at=clock.now())
        return cast(HttpResponse, response.AuthenticatorsDeletedResponse(request))


_OPERATIONS: dict[str, Any] = {
    "auth/2fa/authenticate": GiveCode,
    "auth/2fa/reauthenticate": GiveCodeAgain,
    "auth/webauthn/authenticate": SignByPasskey,
    "auth/webauthn/reauthenticate": SignByPasskeyAgain,
    "auth/webauthn/login": SignInByPasskey,
    "account/authenticators/totp": App,
    "account/authenticators/webauthn": Passkeys,
}
_METHODS = ("GET", "POST", "PUT", "DELETE")


def _patterns() -> Iterator[URLPattern]:
    for client in (Client.APP, Client.BROWSER):
        for address, operation in _OPERATIONS.items():
            view = page(*_METHODS, who="anyone")(operation.as_api_view(client=client))
            yield path(f"{client.value}/v1/{address}", view)


urlpatterns = list(_patterns())
