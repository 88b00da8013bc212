from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from atrium.kit import tokens
from atrium.kit.errors import TooMany
from atrium.kit.limits import LIMITS
from atrium.people.attempts import Bound, count
from atrium.people.models import Guest

SEEN_AGAIN_AFTER = timedelta(days=1)


class TooManyGuests(TooMany):
    """One address made more guests than a household would."""

    code = "too_many_guests"


def welcome_guest(*, at: datetime, address: str = "") -> tuple[Guest, str]:
    """Make a guest of a visitor, and return with it the token for the cookie, shown this once.

    :raises TooManyGuests: when ``address`` made very many within the hour
    """
    if address:
        bound = Bound(LIMITS.guests_per_address_an_hour, 3600)
        count(f"guest:{address}", bound, at=at).check(
            TooManyGuests,
            _("Too many new visitors come from your network. Sign in, or try again later."),
            way_on=_("Sign in to an account."),
        )
    token = tokens.mint("guest")
    guest = Guest.objects.create(
        token_hash=tokens.digest(token),
        network=_network(address),
        first_seen_at=at,
        last_seen_at=at,
    )
    return guest, token


def see_guest(*, guest: Guest, at: datetime) -> bool:
    """Note that the guest is still around; True once a day, when the cookie is due for renewal."""
    due = Guest.objects.filter(pk=guest.pk, last_seen_at__lt=at - SEEN_AGAIN_AFTER)
    return bool(due.update(last_seen_at=at))


def _network(address: str) -> str:
    """Return what tells networks apart, and no network itself."""
    if not address:
        return ""
    return salted_hmac("people.network", address, algorithm="sha256").hexdigest()
