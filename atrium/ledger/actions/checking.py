import logging
from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.jobs.actions import enqueue
from atrium.kit.errors import Conflict, Unprocessable
from atrium.ledger import news
from atrium.ledger.books import Difference, Part, differences
from atrium.ledger.models import Checkpoint, Disagreement, Entry

SLICE = 2_000
_OVERLAP = 1_000  # numbers are given before the commit: an entry may come after its successors
_MOST = 20
log = logging.getLogger(__name__)


class StillDisagree(Conflict):
    """What is to be cleared is as wrong as it was."""

    code = "books_still_disagree"


class ReasonNeeded(Unprocessable):
    code = "reason_needed"


def check_recent_books(*, at: datetime) -> bool:
    """Check what was touched since the last time, one slice of it; False when that was the last."""
    mark, _is_new = Checkpoint.objects.get_or_create(pk=1)
    newest = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    last = min(newest, mark.last_entry + SLICE)
    note_disagreements(differences(Part.touched(mark.last_entry - _OVERLAP, last)), at=at)
    Checkpoint.objects.filter(pk=1, last_entry__lt=last).update(last_entry=last)
    return last < newest


def check_all_books(*, at: datetime) -> int:
    """Check everything from its rows, and return how many things disagree."""
    return note_disagreements(differences(Part.whole()), at=at)


def note_disagreements(found: Iterable[Difference], *, at: datetime) -> int:
    """Let nothing be charged while these stand; return how many there are, at most twenty."""
    return sum(_note(one, at=at) for one in islice(found, _MOST))


@transaction.atomic
def clear_disagreement(*, disagreement: Disagreement, by: str, reason: str, at: datetime) -> None:
    """Let things be charged again, once this is put right.

    :raises ReasonNeeded: without one
    :raises StillDisagree: while it is as it was
    """
    if not reason.strip():
        raise ReasonNeeded(_("Say what was wrong and what was done."))
    part = Part.one(disagreement.thing_kind, disagreement.thing_id)
    if wrong := next(differences(part), None):
        raise StillDisagree(
            _("This is still so: %(said)s.") % {"said": str(wrong)},
            way_on=_("Put it right in the database first."),
        )
    standing = Disagreement.objects.standing().filter(pk=disagreement.pk)
    if standing.update(cleared_at=at, cleared_by=by, reason=reason.strip()[:500]):
        about = ("disagreement", disagreement.pk)
        detail = {"said": disagreement.said, "reason": reason.strip()[:500]}
        note("ledger.disagreement_cleared", by=by, about=about, detail=detail, at=at)
        _tell(at)


@transaction.atomic
def _note(found: Difference, *, at: datetime) -> int:
    kind, key = found.thing
    row, is_new = Disagreement.objects.get_or_create(
        thing_kind=kind,
        thing_id=key,
        cleared_at=None,
        defaults={"said": str(found)[:300], "found_at": at},
    )
    if is_new:
        log.error("The books disagree; nothing is charged until it is cleared. %s", found)
        about = ("disagreement", row.pk)
        note("ledger.books_disagree", by="system", about=about, detail={"said": row.said}, at=at)
        _tell(at)
    return 1


def _tell(at: datetime) -> None:
    transaction.on_commit(news.forget)
    enqueue("notifications.tell_news", at=at)
