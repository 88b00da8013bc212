"""Who is asked about a hold that nobody ended by its deadline: it is never given back blindly."""

from collections.abc import Callable
from datetime import datetime

from atrium.ledger.models import Hold

Ask = Callable[[Hold, datetime], int | None]
_asked: dict[str, Ask] = {}


class NobodyToAsk(LookupError):
    """No room registered for holds of this kind."""


def register(kind: str, ask: Ask) -> None:
    """Have ``ask(hold, at)`` say what an orphan of this kind costs: nothing gives it all back.

    None while nobody knows: it is asked again later. ``ask`` runs outside any transaction, may call
    over the network, and may end the hold itself.
    """
    _asked[kind] = ask


def ask_about(held: Hold, *, at: datetime) -> int | None:
    """:raises NobodyToAsk: when no room answers for its kind"""
    if held.kind not in _asked:
        raise NobodyToAsk(held.kind)
    return _asked[held.kind](held, at)
