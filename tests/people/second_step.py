"""An app that shows codes and a device that holds passkeys, played by a test."""

import json
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from atrium.kit import clock
from atrium.notifications.models import Notification
from atrium.notifications.registry import kind_of
from atrium.people.models import User
from atrium.people.second_factor import PERIOD

Flag = AuthenticatorData.FLAG
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_of(secret: str = SECRET, *, steps: int = 0) -> str:
    """Return what the app shows now, or ``steps`` half-minutes from now."""
    step = int(clock.now().timestamp()) // PERIOD + steps
    return str(format_hotp_value(hotp_value(secret.replace(" ", ""), step)))


def wrong_code() -> str:
    """Return six digits that no app of these tests shows about now."""
    near = {code_of(steps=steps) for steps in range(-3, 4)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in near)


def give_app(person: User) -> Authenticator:
    """Set an app up for ``person``, with recovery codes."""
    RecoveryCodes.activate(person)
    found: Authenticator = TOTP.activate(person, SECRET).instance
    return found


def recovery_codes(person: User) -> list[str]:
    row = Authenticator.objects.get(user=person, type=Authenticator.Type.RECOVERY_CODES)
    unused: list[str] = row.wrap().get_unused_codes()
    return unused


class Device:
    """A telephone that holds one passkey, and signs whatever it is asked to, anywhere."""

    def __init__(self, *, origin: str = "http://localhost:8000", name: str = "localhost") -> None:
        self.origin, self.name, self.id = origin, name, token_bytes(16)
        self.key = generate_private_key(SECP256R1())
        self.owner = b""

    def made(self, challenge: str, *, verified: bool = True) -> dict[str, Any]:
        """Return what a browser sends when it made a passkey."""
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        held = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        flags = Flag.UP | Flag.AT | (Flag.UV if verified else Flag(0))
        data = AuthenticatorData.create(self._who(), flags, 0, held)
        response = {
            "clientDataJSON": websafe_encode(self._told("webauthn.create", challenge)),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        }
        return self._sent(response) | {"clientExtensionResults": {"credProps": {"rk": True}}}

    def signed(self, challenge: str, *, verified: bool = True) -> dict[str, Any]:
        """Return what a browser sends when its owner said yes."""
        flags = Flag.UP | (Flag.UV if verified else Flag(0))
        data = AuthenticatorData.create(self._who(), flags, 1)
        told = self._told("webauthn.get", challenge)
        signature = self.key.sign(data + sha256(told).digest(), ECDSA(SHA256()))
        response = {
            "clientDataJSON": websafe_encode(told),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signature),
            "userHandle": websafe_encode(self.owner),
        }
        return self._sent(response) | {"clientExtensionResults": {}}

    def _who(self) -> bytes:
        return sha256(self.name.encode()).digest()

    def _told(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _sent(self, response: dict[str, str]) -> dict[str, Any]:
        known = websafe_encode(self.id)
        return {"id": known, "rawId": known, "type": "public-key", "response": response}


def give_passkey(
    person: User, *, name: str = "phone", device: Device | None = None
) -> Authenticator:
    """Keep a passkey of ``person``, in ``device`` if one is given."""
    device = device or Device()
    device.owner = user_pk_to_url_str(person).encode()
    data = {"name": name, "credential": device.made("anything")}
    made: Authenticator = Authenticator.objects.create(
        user=person, type=Authenticator.Type.WEBAUTHN, data=data
    )
    return made


def told_to(person: User) -> str:
    """Return what the one notification of ``person`` says."""
    told = Notification.objects.get(person=person)
    kind = kind_of(told.kind)
    assert kind
    return kind.body(told.params)
