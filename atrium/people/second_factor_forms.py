"""Codes and passkeys as they are sent, by a form or as JSON: allauth's, with our checks in them."""

import json
from base64 import urlsafe_b64decode
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, generate_totp_secret
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.kit.secrets import seal, unseal
from atrium.people.actions.second_factor import WrongCode, confirm_app, give_code
from atrium.people.models import User
from atrium.people.second_factor import passkeys_work

_OFFERED = "people.offered_secret"


class _Code(forms.Form):
    """A code that is counted, in all processes together, before it is looked at."""

    user: User
    authenticator: Authenticator

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.CharField(
            label=_("Code"),
            max_length=LIMITS.code_characters,
            widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        try:
            self.take(code)
        except WrongCode as wrong:
            raise ValidationError(str(wrong.detail), code="incorrect_code") from None
        return code

    def take(self, code: str) -> None:
        self.authenticator = give_code(person=self.user, code=code, at=clock.now())


class CodeForm(_Code, AuthenticateForm):
    pass


class CodeAgainForm(_Code, ReauthenticateForm):
    pass


class AppForm(_Code, ActivateTOTPForm):
    """The first code of an app that has just learned its secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        session = kwargs.pop("session")
        super().__init__(*args, **kwargs)
        self.secret = offered_secret(session, anew=not self.is_bound)

    def take(self, code: str) -> None:
        confirm_app(person=self.user, secret=self.secret, code=code, at=clock.now())


def offered_secret(session: SessionBase, *, anew: bool) -> str:
    """Return what an app is to learn; until it has, only this browser's session keeps it, sealed.

    Takes the place of what allauth keeps there readable.
    """
    session.pop(SECRET_SESSION_KEY, None)
    if anew or _OFFERED not in session:
        session[_OFFERED] = seal(generate_totp_secret(), _OFFERED)
    return unseal(session[_OFFERED], _OFFERED)


class _Credential(forms.Form):
    """What a browser said of a passkey; only one that was at our public address is believed."""

    def clean(self) -> Any:
        return _as_a_refusal(super().clean)

    def check_address(self) -> None:
        credential = self.cleaned_data.get("credential")
        if not passkeys_work() or _address_in(credential) != settings.PUBLIC_ADDRESS:
            raise get_adapter().validation_error("incorrect_code")


class _AnsweredCredential(_Credential):
    def clean_credential(self) -> Authenticator:
        self.check_address()
        found: Authenticator = _as_a_refusal(super().clean_credential)  # type: ignore[misc]
        return found


class PasskeyForm(_AnsweredCredential, AuthenticateWebAuthnForm):
    pass


class PasskeyAgainForm(_AnsweredCredential, ReauthenticateWebAuthnForm):
    pass


class PasskeyDoorForm(_AnsweredCredential, LoginWebAuthnForm):
    pass


class NewPasskeyForm(_Credential, AddWebAuthnForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=LIMITS.passkey_name_characters,
        required=False,
        help_text=_("By which you know it again: “phone”, “blue key”."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("passwordless", None)  # all of ours are

    def clean(self) -> Any:
        if "credential" in self.cleaned_data:
            self.check_address()
            self.cleaned_data["passwordless"] = True
        return super().clean()


class RenamePasskeyForm(EditWebAuthnForm):
    name = forms.CharField(label=_("Name"), max_length=LIMITS.passkey_name_characters)


def _as_a_refusal(check: Any) -> Any:
    """Call ``check``, to which nonsense is no fault of ours."""
    try:
        return check()
    except ValidationError:
        raise
    except Exception:
        raise get_adapter().validation_error("incorrect_code") from None


def _address_in(credential: Any) -> str:
    """Return at which address the browser was asked; what it signed says so too."""
    try:
        told = credential["response"]["clientDataJSON"]
        said = json.loads(urlsafe_b64decode(told + "=" * (-len(told) % 4)))
        return str(said["origin"])
    except (TypeError, KeyError, ValueError):
        return ""
