"""The second factor: what is sealed, and under which name and address passkeys and apps know us."""

from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit.secrets import seal, unseal
from atrium.options.queries import value
from atrium.people.second_factor import passkeys_of

CODES = "people.second_factor"


class SecondFactorAdapter(DefaultMFAAdapter):
    """What allauth's second factor asks of us."""

    error_messages = {  # noqa: RUF012 - allauth's own form
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("This was not right, or it took too long. Try again."),
    }

    def encrypt(self, text: str) -> str:
        return seal(text, CODES)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, CODES)

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def get_totp_issuer(self) -> str:
        return str(value("people.second_factor_name"))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return who a passkey is for: by our public address, whatever the request called us."""
        name = urlsplit(settings.PUBLIC_ADDRESS).hostname or ""
        return {"id": name, "name": self.get_totp_issuer()}

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        told: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return {**told, "name": user.get_username()}

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:  # noqa: A002
        """Return a name for who gives none."""
        return _("Passkey {number}").format(number=len(passkeys_of(user)) + 1)
