"""The pages of codes: asked for at the door and again, the app, and the codes for its loss."""

import json
from typing import Any, cast

from allauth.mfa.base import views as asking
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as app
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils.translation import ngettext

from atrium.options.queries import value
from atrium.people import qr
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.people.second_factor import (
    FEW_CODES,
    app_of,
    codes_left,
    has_second_factor,
    passkeys_of,
    passkeys_work,
)
from atrium.people.second_factor_forms import AppForm, CodeAgainForm, CodeForm, PasskeyForm
from atrium.people.settings_pages import SecurityCard, register_card
from atrium.web.policy import page
from atrium.web.render import render_page


class _Unprocessed:
    """A form with errors is answered with 422, as everywhere in the house."""

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        answer: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        answer.status_code = 422
        return answer


class AskForCode(_Unprocessed, asking.AuthenticateView):
    """After the password: a code, or a passkey instead."""

    form_class = CodeForm
    webauthn_form_class = PasskeyForm

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        one = getattr(form, "authenticator", None)
        if one and one.type == Authenticator.Type.RECOVERY_CODES:
            warn_of_few_codes(self.request, one.user)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        told: dict[str, Any] = super().get_context_data(**kwargs)
        person = self.stage.login.user
        told |= {"has_app": app_of(person) is not None, "has_codes": bool(codes_left(person))}
        if passkeys_work() and passkeys_of(person):
            told["options"] = json.dumps(told["js_data"]["request_options"])
        return told


class AskForCodeAgain(_Unprocessed, asking.ReauthenticateView):
    """Once more, before something dangerous."""

    form_class = CodeAgainForm


class SetUpApp(_Unprocessed, app.ActivateTOTPView):
    """Show an app the secret, and see that it learned it."""

    form_class = AppForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "session": self.request.session}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        told = super(app.ActivateTOTPView, self).get_context_data(**kwargs)
        person, secret = cast(User, self.request.user), told["form"].secret
        address = app.get_adapter().build_totp_url(person, secret)
        told |= {"tab": "security", "address": address, "qr": qr.drawn(address)}
        return {**told, "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))}

    def get_success_url(self) -> str:
        return _to_new_codes(made=self.did_generate_recovery_codes)


class RemoveApp(_Unprocessed, app.DeactivateTOTPView):
    success_url = reverse_lazy("people:security")
    extra_context = {"tab": "security"}  # noqa: RUF012 - Django's own form


class ShowCodes(recovery.ViewRecoveryCodesView):
    extra_context = {"tab": "security", "few": FEW_CODES}  # noqa: RUF012


class MakeCodes(_Unprocessed, recovery.GenerateRecoveryCodesView):
    extra_context = {"tab": "security"}  # noqa: RUF012


ask_for_code = AskForCode.as_view()
ask_for_code_again = AskForCodeAgain.as_view()
set_up_app = SetUpApp.as_view()
remove_app = RemoveApp.as_view()
show_codes = ShowCodes.as_view()
make_codes = MakeCodes.as_view()


@page("GET", who="member")
def second_factor(request: HttpRequest) -> HttpResponse:
    """Show both ways of a second factor, to staff who need one before they go on."""
    person = _me(request)
    told = {
        "tab": "security",
        "is_needed": person.is_staff and bool(value("people.staff_second_factor")),
        **_card(request),
        **passkeys_card(request),
    }
    return render_page(request, "mfa/index.html", told)


def passkeys_card(request: HttpRequest) -> dict[str, Any]:
    """Return what the card of passkeys shows."""
    return {"passkeys": passkeys_of(_me(request)), "passkeys_work": passkeys_work()}


def warn_of_few_codes(request: HttpRequest, person: User) -> None:
    """Say how many recovery codes are left, to who has just used one."""
    left = codes_left(person) or 0
    said = ngettext(
        "You used a recovery code. {count} is left.",
        "You used a recovery code. {count} are left.",
        left,
    )
    messages.warning(request, said.format(count=left))


def _to_new_codes(*, made: bool) -> str:
    return reverse("mfa_view_recovery_codes") if made else reverse("people:security")


def _card(request: HttpRequest) -> dict[str, Any]:
    person, left = _me(request), codes_left(_me(request))
    return {
        "app": app_of(person),
        "has_second_factor": has_second_factor(person),
        "codes_left": left,
        "codes_are_few": left is not None and left <= FEW_CODES,
    }


def _me(request: HttpRequest) -> User:
    return cast(User, cast(Caller, request.caller).person)  # type: ignore[attr-defined]


register_card(SecurityCard("people/security/second_factor.html", 20, _card))
register_card(SecurityCard("people/security/passkeys.html", 25, passkeys_card))
