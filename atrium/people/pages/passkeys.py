"""The pages of passkeys: at the door, as a proof once more, and one's own list of them."""

import json
from typing import Any, cast

from allauth.mfa.webauthn import views
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.people.access import is_last_way_in
from atrium.people.actions.second_factor import LastWayIn, ask_for_passkey, remove_passkey
from atrium.people.models import User
from atrium.people.second_factor_forms import (
    NewPasskeyForm,
    PasskeyAgainForm,
    PasskeyDoorForm,
    RenamePasskeyForm,
)
from atrium.web.address import address_of, neighbourhood
from atrium.web.policy import page

HERE = "/settings/security#passkeys"


class SignInByPasskey(views.LoginWebAuthnView):
    """Hand out what the browser is to sign, and let in whose passkey signed it."""

    form_class = PasskeyDoorForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        ask_for_passkey(address=neighbourhood(address_of(request)), at=clock.now())
        answer: HttpResponse = super().get(request, *args, **kwargs)
        return answer

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        super().form_invalid(form)  # says why
        return HttpResponseRedirect(_with_next(self.request, reverse("account_login")))


class PasskeyAgain(views.ReauthenticateWebAuthnView):
    form_class = PasskeyAgainForm

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        super().form_invalid(form)  # says why
        return HttpResponseRedirect(_with_next(self.request, self.request.path))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        told: dict[str, Any] = super().get_context_data(**kwargs)
        return {**told, "options": json.dumps(told["js_data"]["request_options"])}


class AddPasskey(views.AddWebAuthnView):
    """Have the browser make a passkey that opens by itself, without the password."""

    form_class = NewPasskeyForm
    extra_context = {"tab": "security"}  # noqa: RUF012 - Django's own form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        told = super(views.AddWebAuthnView, self).get_context_data(**kwargs)
        options = auth.begin_registration(cast(User, self.request.user), True)  # noqa: FBT003
        return {**told, "options": json.dumps(options)}

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        answer: HttpResponse = super().form_invalid(form)
        answer.status_code = 422
        return answer

    def get_success_url(self) -> str:
        return reverse("mfa_view_recovery_codes") if self.did_generate_recovery_codes else HERE


class RenamePasskey(views.EditWebAuthnView):
    form_class = RenamePasskeyForm
    pk_url_kwarg = "passkey_id"
    success_url = HERE
    extra_context = {"tab": "security"}  # noqa: RUF012

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        answer: HttpResponse = super().form_invalid(form)
        answer.status_code = 422
        return answer


class RemovePasskey(views.RemoveWebAuthnView):
    """Ask first; the last way into an account stays."""

    pk_url_kwarg = "passkey_id"
    success_url = HERE

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        way = f"passkey:{self.object.pk}"
        told = {"tab": "security", "is_last": is_last_way_in(cast(User, self.request.user), way)}
        return {**super().get_context_data(**kwargs), **told}

    def form_valid(self, form: forms.Form) -> HttpResponse:
        person = cast(User, self.request.user)
        try:
            remove_passkey(person=person, passkey_id=self.object.pk, at=clock.now())
        except LastWayIn:
            answer: HttpResponse = self.render_to_response(self.get_context_data(form=form))
            answer.status_code = LastWayIn.status
            return answer
        messages.success(self.request, _("The passkey is removed."))
        return HttpResponseRedirect(HERE)


sign_in_by_passkey = SignInByPasskey.as_view()
passkey_again = PasskeyAgain.as_view()
add_passkey = AddPasskey.as_view()
rename_passkey = RenamePasskey.as_view()
remove = RemovePasskey.as_view()


@page("GET", who="member")
def passkeys(request: HttpRequest) -> HttpResponse:
    """Lead to where the list is."""
    return HttpResponseRedirect(HERE)


def _with_next(request: HttpRequest, address: str) -> str:
    onward = request.POST.get("next", "")
    return f"{address}?{urlencode({'next': onward})}" if onward else address
