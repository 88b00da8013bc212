from dataclasses import dataclass

from django.db.models import Max, QuerySet

from atrium.audit.chain import hash_of
from atrium.audit.models import AuditEntry, ChainHead

Known = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk along the chain found; ``difference`` is empty when all is true."""

    entries: int
    head: str
    difference: str = ""

    @property
    def is_true(self) -> bool:
        return not self.difference


def about(kind: str, which: object) -> QuerySet[AuditEntry]:
    """Return what was done to one thing, newest first."""
    return AuditEntry.objects.filter(about_kind=kind, about_id=str(which))


def done_by(audience: str) -> QuerySet[AuditEntry]:
    """Return what one person, guest or program did, newest first."""
    return AuditEntry.objects.filter(by=audience)


def verify(*, known: Known | None = None) -> Verdict:
    """Walk the whole chain and name the first difference.

    ``known`` is a (number, hash) that was written down elsewhere: it tells of a chain that somebody
    rewrote wholly, which the chain alone cannot.
    """
    last = AuditEntry.objects.aggregate(last=Max("number"))["last"] or 0
    # The head before the entries: what is noted meanwhile lies beyond it, for the next walk.
    head = ChainHead.objects.filter(pk=1).first() or ChainHead(length=0)
    if last > head.length:
        return Verdict(0, "", f"Entry {last} was never given out.")
    before, number = "", 0
    entries = AuditEntry.objects.order_by("number").filter(number__lte=head.length)
    for number, entry in enumerate(entries.iterator(chunk_size=1000), start=1):
        difference = _difference(entry, number, before, known)
        if difference:
            return Verdict(number, before, difference)
        before = entry.hash
    return Verdict(number, before, _ending(head, number, before, known))


def _difference(entry: AuditEntry, number: int, before: str, known: Known | None) -> str:
    if entry.number > number:
        return f"Entry {number} is missing."
    if entry.number < number:
        return f"Entry {entry.number} was never given out."
    if entry.prev_hash != before:
        return f"Entry {number} does not follow entry {number - 1}."
    if entry.hash != hash_of(entry):
        return f"Entry {number} was changed after it was written."
    if known and known[0] == number and known[1] != entry.hash:
        return f"Entry {number} is not the one that was written down."
    return ""


def _ending(head: ChainHead, number: int, before: str, known: Known | None) -> str:
    if number < head.length:
        return f"Entry {number + 1} is missing: the list ends early."
    if before != head.hash:
        return f"Entry {number} is not the one the chain ends with."
    if known and known[0] > number:
        return f"Entry {known[0]} is missing: it was written down once."
    return ""
