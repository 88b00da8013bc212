"""Everything that can be done to the books; each is harmless when its key is used twice."""

from atrium.kit.money import BadAmount
from atrium.ledger.actions.claims import CLAIM, bring_wallets, claim_key
from atrium.ledger.actions.credits import (
    DebtOwed,
    Taken,
    freeze,
    grant,
    insist_nothing_is_owed,
    take_back,
    thaw,
)
from atrium.ledger.actions.entries import Move, NotEnough, check_amount, post
from atrium.ledger.actions.holds import hold, release, settle
from atrium.ledger.actions.money import book_money
from atrium.ledger.actions.orphans import end_orphans

__all__ = [
    "CLAIM",
    "BadAmount",
    "DebtOwed",
    "Move",
    "NotEnough",
    "Taken",
    "book_money",
    "bring_wallets",
    "check_amount",
    "claim_key",
    "end_orphans",
    "freeze",
    "grant",
    "hold",
    "insist_nothing_is_owed",
    "post",
    "release",
    "settle",
    "take_back",
    "thaw",
]
