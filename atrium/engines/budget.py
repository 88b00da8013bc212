"""What a provider may be used for in one day (UTC), by everybody and by guests."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _

from atrium.engines.models import Provider, Spent
from atrium.engines.protocol import EngineBusy
from atrium.options.queries import value

GUESTS = "engines.guest_calls_a_day"


class BudgetSpent(EngineBusy):
    """The day's budget is used up; tomorrow there is another."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one call took of a day."""

    provider_id: UUID
    day: date
    micro: int


def is_bounded(provider: Provider, *, for_guest: bool) -> bool:
    has_budget = provider.daily_calls is not None or provider.daily_micro is not None
    return for_guest or has_budget


@transaction.atomic
def take(*, provider: Provider, micro: int, for_guest: bool, at: datetime) -> Taken:
    """Count one call that may cost up to ``micro``.

    Exact for each provider. Guests who ask several at one moment may be a few more in all.

    :raises BudgetSpent: when it does not fit into the day any more
    """
    day = at.astimezone(UTC).date()
    Spent.objects.get_or_create(provider=provider, day=day)
    fits = Q(provider=provider, day=day)
    if provider.daily_calls is not None:
        fits &= Q(calls__lt=provider.daily_calls)
    if provider.daily_micro is not None:
        fits &= Q(micro__lte=provider.daily_micro - micro)
    # Counted first: the row is ours then, and nobody counts beside us.
    took = Spent.objects.filter(fits).update(
        calls=F("calls") + 1,
        guest_calls=F("guest_calls") + int(for_guest),
        micro=F("micro") + micro,
    )
    if not took or (for_guest and _calls_of_guests(day) > int(value(GUESTS))):
        raise BudgetSpent(_said(for_guest=for_guest and bool(took)), retry_after=_left_of(day, at))
    return Taken(provider.pk, day, micro)


def give_back(*, taken: Taken, used: int) -> None:
    """Return what the call did not cost; that it was made stays counted."""
    if rest := taken.micro - min(used, taken.micro):
        days = Spent.objects.filter(provider=taken.provider_id, day=taken.day)
        days.update(micro=F("micro") - rest)


def _calls_of_guests(day: date) -> int:
    told = Spent.objects.filter(day=day).aggregate(all=Sum("guest_calls"))
    return int(told["all"] or 0)


def _said(*, for_guest: bool) -> str:
    if for_guest:
        return _("What visitors may ask in a day is used up. Sign in, or come back tomorrow.")
    return _("What this engine may be asked in a day is used up. Choose another model.")


def _left_of(day: date, at: datetime) -> float:
    tomorrow = datetime.combine(day + timedelta(days=1), time(), UTC)
    return (tomorrow - at).total_seconds()
