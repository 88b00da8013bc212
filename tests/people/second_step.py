"""An app that shows codes, played by a test."""

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value

from atrium.kit import clock
from atrium.people.models import User
from atrium.people.second_factor import PERIOD

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


def give_passkey(person: User, *, name: str = "phone") -> Authenticator:
    """Keep a passkey of ``person`` that no browser holds."""
    data = {"name": name, "credential": {"clientExtensionResults": {"credProps": {"rk": True}}}}
    made: Authenticator = Authenticator.objects.create(
        user=person, type=Authenticator.Type.WEBAUTHN, data=data
    )
    return made
