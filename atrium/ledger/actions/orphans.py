import logging
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import F

from atrium.ledger import orphans
from atrium.ledger.actions.holds import release, settle
from atrium.ledger.models import Hold

SWEPT_AT_ONCE = 200
ASK_AGAIN = timedelta(seconds=30)  # and twice as long each time after that
_DOUBLINGS = 7  # a little over an hour
log = logging.getLogger(__name__)


class Swept(NamedTuple):
    """How many holds were asked about, and how many of them ended; none asked: none are left."""

    asked: int
    ended: int


def end_orphans(*, at: datetime) -> Swept:
    """Ask about holds past their deadline, so many at once, and end those somebody knows of."""
    found = list(Hold.objects.to_ask_about(at=at)[:SWEPT_AT_ONCE])
    return Swept(asked=len(found), ended=sum(_end_orphan(held, at=at) for held in found))


def _end_orphan(held: Hold, *, at: datetime) -> bool:
    try:
        amount = orphans.ask_about(held, at=at)
    except Exception:
        log.exception("Hold %s is past its deadline, and asking about it failed.", held.pk)
        amount = None
    if amount is None:
        again = at + ASK_AGAIN * 2 ** min(held.asked, _DOUBLINGS)
        still_open = Hold.objects.open().filter(pk=held.pk)
        still_open.update(asked=F("asked") + 1, ask_after=again)
        return False
    if amount:
        settle(held=held, amount=amount, at=at)
    else:
        release(held=held, at=at)
    return True
