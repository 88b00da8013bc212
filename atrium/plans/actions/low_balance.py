"""Whoever's credits run low is told once for each fall, by the clock and off the path of calls."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from atrium.kit.credits import MICRO, shown_balance
from atrium.kit.errors import Unprocessable
from atrium.ledger.models import CREDIT, Account, Entry, Leg
from atrium.notifications.actions import notify
from atrium.options.queries import value
from atrium.people.models import User
from atrium.plans.models import LowBalance, Watch

MOST_CREDITS = 1_000_000
AT_ONCE = 5_000
BEHIND = 1_000  # entries read once more: on PostgreSQL their numbers come out of order
_WATCH = "low_balance"
_PURPOSES = (Account.Purpose.WALLET, Account.Purpose.HELD)  # a hold may come back


class NotANumberOfCredits(Unprocessable):
    code = "not_a_number_of_credits"


def look_for_falls(*, at: datetime) -> bool:
    """Look at whose credits moved since the last time, and tell who fell low; True when more wait.

    The first look begins with what moves from then on.
    """
    newest = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with transaction.atomic():
        watch, is_new = Watch.objects.get_or_create(name=_WATCH, defaults={"entry": newest})
        if is_new or watch.entry >= newest:
            return False
        waiting = Entry.objects.filter(pk__gt=watch.entry).order_by("pk")
        portion = waiting.values_list("pk", flat=True)[AT_ONCE - 1 : AT_ONCE]
        until = next(iter(portion), newest)
        for person in _moved(watch.entry - BEHIND, until):
            _look_at(person, at=at)
        Watch.objects.filter(name=_WATCH).update(entry=until)
    return until < newest


def choose_threshold(*, person: User, below: int | None) -> None:
    """Keep below how many whole credits the person is told; None for as the operator says.

    :raises NotANumberOfCredits: for one that nobody has
    """
    if below is not None and not 0 <= below <= MOST_CREDITS:
        said = _("From 0 to {most} credits.").format(most=MOST_CREDITS)
        raise NotANumberOfCredits(said, fields={"below": said})
    micro = None if below is None else below * MICRO
    is_low = _have([person.pk])[person.pk] < _threshold(micro)
    LowBalance.objects.update_or_create(person=person, defaults={"below": micro, "is_low": is_low})


def _moved(since: int, until: int) -> Iterable[User]:
    """Return the people whose credits these entries moved."""
    legs = Leg.objects.filter(entry__gt=since, entry__lte=until, account__asset=CREDIT)
    theirs = legs.filter(account__purpose__in=_PURPOSES, account__holder__startswith="person:")
    holders = theirs.values_list("account__holder", flat=True).distinct()
    ids = [holder.removeprefix("person:") for holder in holders]
    return User.objects.filter(pk__in=ids, is_active=True)


def _look_at(person: User, *, at: datetime) -> None:
    row = LowBalance.objects.filter(person=person).first()
    below = _threshold(row.below if row else None)
    have = _have([person.pk])[person.pk]
    if have >= below:
        LowBalance.objects.filter(person=person, is_low=True).update(is_low=False)
        return
    if row is None:
        # Who begins with less than this has not fallen.
        has_fallen = _had_once(person, below)
        LowBalance.objects.get_or_create(person=person, defaults={"is_low": not has_fallen})
    fell = LowBalance.objects.filter(person=person, is_low=False)
    if fell.update(is_low=True, told_at=at):
        notify(
            person=person,
            kind="plans.low_balance",
            params={"left": shown_balance(have)},
            url="/wallet/buy",
            at=at,
        )


def _threshold(below: int | None) -> int:
    micro: int = value("credits.low") * MICRO if below is None else below
    return micro


def _have(people: Iterable[UUID]) -> dict[UUID, int]:
    holders = {f"person:{key}": key for key in people}
    found = Account.objects.filter(holder__in=holders, purpose__in=_PURPOSES, asset=CREDIT)
    sums = found.values("holder").annotate(total=Sum("balance"))
    have = {holders[row["holder"]]: row["total"] or 0 for row in sums}
    return {key: have.get(key, 0) for key in holders.values()}


def _had_once(person: User, below: int) -> bool:
    """Whether the person ever had so much, by adding up their entries; asked once of each."""
    mine = Leg.objects.filter(
        account__holder=f"person:{person.pk}",
        account__purpose__in=_PURPOSES,
        account__asset=CREDIT,
    )
    moves = mine.values("entry").annotate(total=Sum("amount")).order_by("entry")
    have = 0
    for move in moves.iterator():
        have += move["total"]
        if have >= below:
            return True
    return False
