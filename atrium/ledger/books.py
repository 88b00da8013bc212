"""Whether the books say one thing only: each balance, entry and hold against the rows behind it.

Each question is one statement, or reads what ended before what it left behind, so that no answer
is half of before and half of after.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat

from atrium.ledger.models import Account, Entry, Hold, Leg

_CHUNK = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that the books say in two ways; ``thing`` is its kind and its id."""

    thing: tuple[str, str]
    where: str
    kept: object
    summed: object

    def __str__(self) -> str:
        return f"{self.where}: kept {self.kept}, its rows say {self.summed}"


@dataclass(frozen=True)
class Part:
    """What of the books is looked at."""

    entries: QuerySet[Entry]
    accounts: QuerySet[Account]
    holds: QuerySet[Hold]

    @classmethod
    def whole(cls) -> Self:
        return cls(Entry.objects.all(), Account.objects.all(), Hold.objects.all())

    @classmethod
    def touched(cls, first: int, last: int) -> Self:
        """What the entries numbered from ``first`` to ``last`` touched."""
        entries = Entry.objects.filter(pk__range=(first, last))
        legs = Leg.objects.filter(entry__in=entries)
        holds = entries.filter(about_kind="hold").values("about_id")
        return cls(
            entries,
            Account.objects.filter(pk__in=legs.values("account")),
            Hold.objects.filter(pk__in=holds),
        )

    @classmethod
    def one(cls, kind: str, key: str) -> Self:
        """One account, entry or hold."""
        return cls(
            Entry.objects.filter(pk=int(key)) if kind == "entry" else Entry.objects.none(),
            Account.objects.filter(pk=UUID(key)) if kind == "account" else Account.objects.none(),
            Hold.objects.filter(pk=UUID(key)) if kind == "hold" else Hold.objects.none(),
        )


def differences(part: Part) -> Iterator[Difference]:
    """Add this part of the books up from its rows, and return whatever disagrees."""
    yield from _unbalanced(part.entries)
    yield from _wrong_balances(part.accounts)
    yield from _wrong_held(part.accounts)
    yield from _wrong_frozen(part.accounts)
    yield from _wrong_holds(part.holds)


def _unbalanced(entries: QuerySet[Entry]) -> Iterator[Difference]:
    sums = entries.values("pk", "key", "legs__account__asset").annotate(total=Sum("legs__amount"))
    for wrong in sums.exclude(Q(total=0) | Q(total=None)).order_by("pk"):
        yield Difference(("entry", str(wrong["pk"])), f"entry {wrong['key']}", 0, wrong["total"])


def _wrong_balances(accounts: QuerySet[Account]) -> Iterator[Difference]:
    summed = Leg.objects.filter(account=OuterRef("pk"))
    return _against(accounts.exclude(balance=None), summed)


def _wrong_held(accounts: QuerySet[Account]) -> Iterator[Difference]:
    """What is set aside is what the open holds say."""
    open_holds = Hold.objects.open().filter(holder=OuterRef("holder"), asset=OuterRef("asset"))
    return _against(accounts.filter(purpose=Account.Purpose.HELD), open_holds)


def _wrong_frozen(accounts: QuerySet[Account]) -> Iterator[Difference]:
    """What is frozen is what was frozen and not thawed since."""
    thaw = Concat(Value("thaw:"), Cast(OuterRef("entry_id"), TextField()))
    frozen = Leg.objects.filter(
        ~Exists(Entry.objects.filter(key=thaw)), account=OuterRef("pk"), entry__kind="freeze"
    )
    return _against(accounts.filter(purpose=Account.Purpose.FROZEN), frozen)


def _against(accounts: QuerySet[Account], rows: QuerySet[Any]) -> Iterator[Difference]:
    """Compare balances with what ``rows`` of each account add up to, in one statement."""
    total = rows.order_by().values(_whose(rows)).annotate(total=Sum("amount")).values("total")
    found = accounts.annotate(total=Coalesce(Subquery(total), 0)).exclude(balance=F("total"))
    for wrong in found.order_by("pk"):
        thing = ("account", str(wrong.pk))
        yield Difference(thing, str(wrong), wrong.balance, wrong.total)


def _whose(rows: QuerySet[Any]) -> str:
    return "account" if rows.model is Leg else "holder"


def _wrong_holds(holds: QuerySet[Hold]) -> Iterator[Difference]:
    """Each hold was set aside once, and ended once, as its row says."""
    last = None
    while True:
        rest = holds.filter(pk__gt=last) if last else holds
        chunk = list(rest.order_by("pk")[:_CHUNK])
        if not chunk:
            return
        posted = _posted(chunk)
        for one in chunk:
            kept = _told_by(one)
            found = {key: posted[key] for key in kept if key in posted}
            if found != kept:
                yield Difference(("hold", str(one.pk)), f"hold {one.pk}", kept, found)
        last = chunk[-1].pk


def _told_by(held: Hold) -> dict[str, tuple[int, int]]:
    """Return what a hold's entries moved into what is set aside, and what was earned of it."""
    if not held.amount:
        return {}
    told = {f"hold:{held.pk}": (held.amount, 0)}
    if held.state == Hold.State.SETTLED:
        told[f"settle:{held.pk}"] = (-held.amount, held.settled_amount or 0)
    elif held.state == Hold.State.RELEASED:
        told[f"release:{held.pk}"] = (-held.amount, 0)
    return told


def _posted(holds: list[Hold]) -> dict[str, tuple[int, int]]:
    keys = [f"{verb}:{one.pk}" for one in holds for verb in ("hold", "settle", "release")]
    legs = Leg.objects.filter(entry__key__in=keys)
    moved: dict[str, tuple[int, int]] = {}
    for key, purpose, amount in legs.values_list("entry__key", "account__purpose", "amount"):
        held, earned = moved.get(key, (0, 0))
        held += amount if purpose == Account.Purpose.HELD else 0
        earned += amount if purpose == Account.Purpose.REVENUE else 0
        moved[key] = (held, earned)
    return moved
