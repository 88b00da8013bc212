from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce

from atrium.ledger.books import Difference, Part, differences
from atrium.ledger.models import CREDIT, Account, Day, Entry, Hold, Leg


def balance_of(holder: str, asset: str = CREDIT) -> int:
    """Return what ``holder`` may spend; nothing when no account was opened yet."""
    return Account.objects.wallet_of(holder, asset).values_list("balance", flat=True).first() or 0


def owed_by(holder: str, asset: str = CREDIT) -> int:
    """Return what ``holder`` owes, as a number above nothing, or nothing."""
    debt = Account.objects.filter(holder=holder, purpose=Account.Purpose.DEBT, asset=asset)
    return -(debt.values_list("balance", flat=True).first() or 0)


def entries_of(audiences: Iterable[str]) -> QuerySet[Entry]:
    """Return the entries that moved something of these holders."""
    theirs = Leg.objects.filter(entry=OuterRef("pk"), account__holder__in=list(audiences))
    return Entry.objects.filter(Exists(theirs))


def closed_days() -> QuerySet[Day]:
    return Day.objects.all()


def last_closed_entry() -> int:
    """Return the last entry that stands in a closed day and can be proven; 0 when none can."""
    return Day.objects.order_by("-date").values_list("last_entry", flat=True).first() or 0


def first_difference() -> Difference | None:
    """Add the books up from their rows, and return the first thing that disagrees, or None."""
    return next(differences(Part.whole()), None)


def figures(*, at: datetime) -> dict[str, int]:
    """Return what the books hold now: entries, open holds, what is frozen and what is owed."""
    open_holds = Hold.objects.open()
    return {
        "entries": Entry.objects.count(),
        "holds": open_holds.count(),
        "overdue": open_holds.overdue(at=at).count(),
        "frozen": _resting(Account.Purpose.FROZEN),
        "owed": -_resting(Account.Purpose.DEBT),
    }


def _resting(purpose: Account.Purpose, asset: str = CREDIT) -> int:
    accounts = Account.objects.filter(purpose=purpose, asset=asset)
    return int(accounts.aggregate(total=Coalesce(Sum("balance"), 0))["total"])
