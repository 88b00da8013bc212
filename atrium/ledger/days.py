"""How entries become a day's root, days become a chain, and an entry is proven to stand in it.

An entry's record names its legs by their hashes, so that a proof can show somebody their own legs
and of the others' nothing but that they were there.
"""

from collections.abc import Iterator
from datetime import UTC
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from atrium.kit.errors import Conflict, NotFound
from atrium.ledger.models import Day, Entry, Leg
from atrium.ledger.statement import audiences_of
from atrium.ledger.tree import DAY, ENTRY, LEG, Step, canonical, hash_of, path_of, root_of
from atrium.people.caller import Caller

FORMAT = "atrium-ledger-proof-1"
RUN = 1024
"""How many entries one branch that a day keeps stands for; a power of two, as the tree has it."""


class NotClosedYet(Conflict):
    """The day in which the entry stands is not closed yet."""

    code = "not_closed_yet"


def proof_of(number: int, *, caller: Caller) -> dict[str, Any]:
    """Return what shows the caller, without us, that an entry of theirs stands in the books.

    :raises NotFound: when nothing of theirs is in it
    :raises NotClosedYet: on the day itself
    """
    mine = set(audiences_of(caller))
    entry = Entry.objects.filter(pk=number).prefetch_related("legs__account").first()
    if entry is None or not any(leg.account.holder in mine for leg in entry.legs.all()):
        raise NotFound(_("There is nothing here, or it is not yours to see."))
    day = Day.objects.filter(last_entry__gte=number).order_by("last_entry").first()
    if day is None:
        raise NotClosedYet(
            _("This line can be proven once its day is closed."),
            way_on=_("Days are closed an hour after midnight, by the clock of Greenwich."),
        )
    later = Day.objects.filter(date__gt=day.date).order_by("date")
    after = [{"date": str(on), "root": root} for on, root in later.values_list("date", "root")]
    legs = [_leg_shown(leg, mine) for leg in _in_order(entry)]
    newest = later.last() or day
    return {
        "format": FORMAT,
        "entry": _entry_record(entry),
        "legs": legs,
        "path": [{"side": one.side, "hash": one.hash.hex()} for one in _path(day, number)],
        "before": day.before,
        "date": str(day.date),
        "after": after,
        "head": newest.head,
    }


def first_broken_day() -> str:
    """Walk the whole chain, and say what is first not as it was closed; nothing when all is."""
    before, last = "", 0
    for day in Day.objects.order_by("date").iterator(chunk_size=100):
        number, branches = branches_of(entries_between(last + 1, day.last_entry))
        if (day.entries, day.first_entry) != number or day.before != before:
            return f"The day {day.date} does not follow the one before it."
        if bytes(day.branches) != b"".join(branches) or day.root != root_of(branches).hex():
            return f"The entries of {day.date} are not as they were when it was closed."
        if day.head != head_of(before, str(day.date), day.root):
            return f"The head of {day.date} does not stand for its root."
        before, last = day.head, day.last_entry
    return ""


def head_of(before: str, date: str, root: str) -> str:
    """Return the hash that stands for a day and all before it."""
    return hash_of(DAY, canonical({"before": before, "date": date, "root": root})).hex()


def entries_between(first: int, last: int) -> "QuerySet[Entry]":
    return Entry.objects.filter(pk__gte=first, pk__lte=last).order_by("pk")


def branches_of(entries: "QuerySet[Entry]") -> tuple[tuple[int, int], list[bytes]]:
    """Return how many entries there are, the number of the first, and the root of each run."""
    count, first, branches = 0, 0, []
    rows = entries.prefetch_related("legs__account").iterator(chunk_size=RUN)
    while run := list(islice(rows, RUN)):
        count, first = count + len(run), first or run[0].pk
        branches.append(root_of([_entry_hash(entry) for entry in run]))
    return (count, first), branches


def _path(day: Day, number: int) -> Iterator[Step]:
    entries = entries_between(day.first_entry, day.last_entry)
    place = entries.filter(pk__lt=number).count()
    which = place // RUN
    begins = entries.values_list("pk", flat=True)[which * RUN]
    run = entries.filter(pk__gte=begins).prefetch_related("legs__account")[:RUN]
    yield from path_of([_entry_hash(entry) for entry in run], place % RUN)
    kept = bytes(day.branches)
    yield from path_of([kept[at : at + 32] for at in range(0, len(kept), 32)], which)


def _entry_hash(entry: Entry) -> bytes:
    legs = [_leg_hash(leg).hex() for leg in _in_order(entry)]
    return hash_of(ENTRY, canonical({**_entry_record(entry), "legs": legs}))


def _leg_hash(leg: Leg) -> bytes:
    return hash_of(LEG, canonical(_leg_record(leg)))


def _entry_record(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.pk,
        "key": entry.key,
        "kind": entry.kind,
        "about_kind": entry.about_kind,
        "about_id": str(entry.about_id) if entry.about_id else None,
        "at": entry.posted_at.astimezone(UTC).isoformat(timespec="microseconds"),
    }


def _leg_shown(leg: Leg, mine: set[str]) -> dict[str, Any]:
    if leg.account.holder in mine:
        return {"leg": _leg_record(leg)}
    return {"hash": _leg_hash(leg).hex()}


def _leg_record(leg: Leg) -> dict[str, Any]:
    account = leg.account
    return {
        "account": str(account.pk),
        "holder": account.holder,
        "purpose": account.purpose,
        "asset": account.asset,
        "amount": leg.amount,
    }


def _in_order(entry: Entry) -> list[Leg]:
    return sorted(entry.legs.all(), key=lambda leg: leg.pk)
