from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.events.actions import whisper
from atrium.events.registry import record
from atrium.jobs.actions import enqueue
from atrium.kit import tokens
from atrium.kit.errors import TooMany
from atrium.kit.limits import LIMITS
from atrium.people.attempts import Bound, count
from atrium.people.events import GuestClaimed
from atrium.people.models import Guest, User
from atrium.people.owned import owned_models

SEEN_AGAIN_AFTER = timedelta(days=1)
GATHER_AGAIN_AFTER = timedelta(minutes=2)


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
    guest = Guest.objects.create(token_hash=tokens.digest(token), first_seen_at=at, last_seen_at=at)
    return guest, token


def see_guest(*, guest: Guest, at: datetime) -> bool:
    """Note that the guest is still around; True once a day, when the cookie is due for renewal."""
    due = Guest.objects.filter(pk=guest.pk, last_seen_at__lt=at - SEEN_AGAIN_AFTER)
    return bool(due.update(last_seen_at=at))


def claim_guest(*, guest: Guest, person: User, at: datetime) -> int | None:
    """Give ``person`` everything the guest made, and return how many rows that were.

    The guest's cookie opens nothing after that. None when somebody had claimed the guest before.
    """
    with transaction.atomic():
        unclaimed = Guest.objects.filter(pk=guest.pk, claimed_by=None)
        if not unclaimed.update(claimed_by=person, claimed_at=at):
            return None
        moved = gather_claimed(guest_id=guest.pk, person_id=person.pk)
        whisper(f"guest:{guest.pk}", "bye", {})  # whoever else held the cookie hears no more
        record(GuestClaimed(guest_id=guest.pk, person_id=person.pk), at=at)
        enqueue(
            "people.gather_claimed",
            key=f"people.gather_claimed:{guest.pk}",
            delay=GATHER_AGAIN_AFTER,
            guest_id=guest.pk,
            person_id=person.pk,
            at=at,
        )
    return moved


def gather_claimed(*, guest_id: UUID, person_id: UUID) -> int:
    """Give the person each row of the guest that is nobody's yet, and return how many there were.

    Repeated a little after the claim: a request that was under way may have made one more.
    """
    moved = 0
    for model in owned_models():
        if model.moves_with_claim:
            every = model._default_manager  # noqa: SLF001
            rows = every.filter(guest_id=guest_id, person=None)
            moved += rows.update(person_id=person_id)
    return moved
