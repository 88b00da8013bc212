"""What becomes of a call whose process died: what was delivered is charged, and nothing else."""

from datetime import datetime
from typing import Protocol

from atrium.ledger import orphans
from atrium.ledger.models import Hold
from atrium.metering.actions import HOLD
from atrium.metering.models import Receipt


class End(Protocol):
    def __call__(self, *, receipt: Receipt, at: datetime) -> None: ...


_ends: dict[str, End] = {}


def register(about_kind: str, end: End) -> None:
    """Have ``end(receipt=, at=)`` end a call for a thing of this kind, if it is dead.

    It settles or releases the receipt with what it ends, or leaves all as it is.
    """
    _ends[about_kind] = end


def _ask(held: Hold, at: datetime) -> int | None:
    receipt = Receipt.objects.get(hold=held)
    if receipt.state == Receipt.State.OPEN and receipt.about_kind in _ends:
        _ends[receipt.about_kind](receipt=receipt, at=at)
        receipt.refresh_from_db()
    return None if receipt.state == Receipt.State.OPEN else receipt.charged


orphans.register(HOLD, _ask)
