"""What a person shows beside their password: a code of an app, a recovery code, a passkey.

The rows are allauth's ``Authenticator``; what an app knows and what codes are made of is sealed.
"""

from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.db.models import Exists, OuterRef

from atrium.people.models import User

KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
FEW_CODES = 3
PERIOD = 30
_CLOCKS_DIFFER_BY = 1


def has_second_factor(person: User) -> bool:
    """Whether the password alone does not let this person in."""
    return bool(Authenticator.objects.filter(user=person, type__in=KINDS).exists())


def with_second_factor() -> Exists:
    """Return what to annotate people with, to list many and ask once."""
    return Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=KINDS))


def app_of(person: User) -> Authenticator | None:
    return Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()


def passkeys_of(person: User) -> list[Authenticator]:
    """Return the person's passkeys, the oldest first."""
    theirs = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN)
    return list(theirs.order_by("pk"))


def codes_left(person: User) -> int | None:
    """Return how many recovery codes were not used yet; None when none were ever made."""
    codes = Authenticator.objects.filter(user=person, type=Authenticator.Type.RECOVERY_CODES)
    found = codes.first()
    return len(found.wrap().get_unused_codes()) if found else None


def step_of(*, secret: str, code: str, at: datetime) -> int | None:
    """Return the half-minute that ``code`` is of, the one now or beside it; None when it is not."""
    for step in _steps(at):
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return step
    return None


def _steps(at: datetime) -> Iterator[int]:
    now = int(at.timestamp()) // PERIOD
    yield from range(now - _CLOCKS_DIFFER_BY, now + _CLOCKS_DIFFER_BY + 1)


def passkeys_work() -> bool:
    """Whether a browser makes passkeys for our address: it has a name, and https or is here."""
    address = urlsplit(settings.PUBLIC_ADDRESS)
    host = address.hostname or ""
    return _has_name(host) and (address.scheme == "https" or host == "localhost")


def _has_name(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return bool(host)
    return False
