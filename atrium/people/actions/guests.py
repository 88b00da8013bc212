from datetime import datetime, timedelta
from typing import cast

from django.db import IntegrityError, transaction
from django.db.models import Exists, ForeignObjectRel, Model, OuterRef, Q, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from atrium.events.actions import forget_streams
from atrium.events.registry import record
from atrium.kit import tokens
from atrium.kit.errors import TooMany
from atrium.kit.limits import LIMITS
from atrium.people.actions.leaving import emptied_guests
from atrium.people.attempts import Bound, count
from atrium.people.events import GuestExpired
from atrium.people.models import Guest, User
from atrium.people.queries import guests_are_kept_for

SEEN_AGAIN_AFTER = timedelta(days=1)
IDLE_FOR = timedelta(days=30)
AT_ONCE = 500


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


def choose_anonymity(*, owner: User | Guest, anonymous: bool, at: datetime) -> None:
    """Keep the owner's name from others, or show it again from here on.

    What a guest made under this choice stays nameless for others, whoever claims the guest.
    """
    same = type(owner)._default_manager.filter(pk=owner.pk)  # noqa: SLF001
    if anonymous:
        same.filter(anonymous_since=None).update(anonymous_since=at)
    else:
        same.update(anonymous_since=None)
    owner.refresh_from_db(fields=["anonymous_since"])


def let_guests_expire(*, at: datetime) -> int:
    """Tell of guests who stayed away for longer than what they made is kept; return how many."""
    days = guests_are_kept_for()
    if not days:
        return 0
    away = _unclaimed(at - timedelta(days=days)).exclude(_owns_nothing())
    away = away.exclude(emptied_guests())
    expired = list(away.values_list("pk", flat=True)[:AT_ONCE])
    with transaction.atomic():
        for guest_id in expired:
            record(GuestExpired(guest_id=guest_id), at=at)
    return len(expired)


def remove_idle_guests(*, at: datetime) -> int:
    """Remove guests who made nothing, or have nothing any more, a month after their last visit."""
    idle = _unclaimed(at - IDLE_FOR).filter(_owns_nothing())
    chosen = list(idle.values_list("pk", flat=True)[:AT_ONCE])
    try:
        with transaction.atomic():
            forget_streams(audiences=[f"guest:{key}" for key in chosen])
            Guest.objects.filter(pk__in=chosen).delete()
    except IntegrityError:  # one came back this moment; the others go the next time
        return 0
    return len(chosen)


def _unclaimed(seen_before: datetime) -> QuerySet[Guest]:
    unclaimed = Guest.objects.filter(claimed_by=None, last_seen_at__lt=seen_before)
    return unclaimed.order_by("last_seen_at")


def _owns_nothing() -> Q:
    """Guests whom no row of any table names."""
    nothing = Q()
    for link in Guest._meta.get_fields(include_hidden=True):  # noqa: SLF001
        if isinstance(link, ForeignObjectRel):
            every = cast(type[Model], link.related_model)._default_manager  # noqa: SLF001
            nothing &= Q(~Exists(every.filter(**{link.field.name: OuterRef("pk")})))
    return nothing


def _network(address: str) -> str:
    """Return what tells networks apart, and no network itself."""
    if not address:
        return ""
    return salted_hmac("people.network", address, algorithm="sha256").hexdigest()
