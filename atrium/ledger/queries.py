from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from atrium.ledger.models import CREDIT, Account, Entry, Hold, Leg


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


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that the books say in two ways."""

    where: str
    kept: int
    summed: int

    def __str__(self) -> str:
        return f"{self.where}: kept {self.kept}, its rows say {self.summed}"


def first_difference() -> Difference | None:
    """Add the books up from their rows, and return the first thing that disagrees, or None."""
    return _unbalanced_entry() or _wrong_balance() or _wrong_held()


def _unbalanced_entry() -> Difference | None:
    wrong = (
        Entry.objects.values("key", "legs__account__asset")
        .annotate(total=Sum("legs__amount"))
        .exclude(Q(total=0) | Q(total=None))
        .order_by("key")
        .first()
    )
    return Difference(f"entry {wrong['key']}", 0, wrong["total"]) if wrong else None


def _wrong_balance() -> Difference | None:
    wrong = (
        Account.objects.exclude(balance=None)
        .annotate(total=Coalesce(Sum("legs__amount"), 0))
        .exclude(balance=F("total"))
        .order_by("id")
        .values("holder", "purpose", "asset", "balance", "total")
        .first()
    )
    if wrong is None:
        return None
    where = f"{wrong['holder']} {wrong['purpose']} {wrong['asset']}"
    return Difference(where, wrong["balance"], wrong["total"])


def _wrong_held() -> Difference | None:
    set_aside = Account.objects.filter(purpose=Account.Purpose.HELD)
    for account in set_aside.iterator():
        open_holds = Hold.objects.filter(
            holder=account.holder, asset=account.asset, state=Hold.State.HELD
        )
        total = open_holds.aggregate(total=Coalesce(Sum("amount"), 0))["total"]
        if total != account.balance:
            return Difference(str(account), account.balance or 0, total)
    return None
