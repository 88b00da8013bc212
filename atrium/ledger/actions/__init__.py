"""Everything that can be done to the books; each is harmless when its key is used twice."""

from atrium.kit.money import BadAmount
from atrium.ledger.actions.checking import (
    ReasonNeeded,
    StillDisagree,
    check_all_books,
    check_recent_books,
    clear_disagreement,
    note_disagreements,
)
from atrium.ledger.actions.claims import CLAIM, bring_wallets, claim_key
from atrium.ledger.actions.corrections import (
    AlreadyDecided,
    AlreadyReversed,
    CannotReverse,
    YourOwnBooks,
    adjust,
    agree,
    decline,
    reverse,
)
from atrium.ledger.actions.credits import (
    DebtOwed,
    Taken,
    freeze,
    grant,
    insist_nothing_is_owed,
    take_back,
    thaw,
)
from atrium.ledger.actions.days import close_next_day
from atrium.ledger.actions.entries import Move, NotEnough, check_amount, post
from atrium.ledger.actions.holds import hold, release, settle
from atrium.ledger.actions.money import book_money
from atrium.ledger.actions.orphans import end_orphans
from atrium.ledger.actions.together import Settled, debtors_among, hold_all, settle_all

__all__ = [
    "CLAIM",
    "AlreadyDecided",
    "AlreadyReversed",
    "BadAmount",
    "CannotReverse",
    "DebtOwed",
    "Move",
    "NotEnough",
    "ReasonNeeded",
    "Settled",
    "StillDisagree",
    "Taken",
    "YourOwnBooks",
    "adjust",
    "agree",
    "book_money",
    "bring_wallets",
    "check_all_books",
    "check_amount",
    "check_recent_books",
    "claim_key",
    "clear_disagreement",
    "close_next_day",
    "debtors_among",
    "decline",
    "end_orphans",
    "freeze",
    "grant",
    "hold",
    "hold_all",
    "insist_nothing_is_owed",
    "note_disagreements",
    "post",
    "release",
    "reverse",
    "settle",
    "settle_all",
    "take_back",
    "thaw",
]
