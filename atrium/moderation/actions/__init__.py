"""Everything that is done between two people, a report and those who decide."""

from atrium.moderation.actions.appeals import (
    AppealDecided,
    AppealTooLate,
    CannotAppeal,
    DecidedBefore,
    appeal,
    decide_appeal,
    decision_behind,
)
from atrium.moderation.actions.blocks import CannotBlock, TooManyBlocks, block, unblock
from atrium.moderation.actions.decisions import (
    AlreadyDecided,
    CannotDecide,
    YourOwnMatter,
    break_glass,
    dismiss,
    take,
    uphold,
)
from atrium.moderation.actions.reports import NotAReport, TooManyReports, report, report_person

__all__ = [
    "AlreadyDecided",
    "AppealDecided",
    "AppealTooLate",
    "CannotAppeal",
    "CannotBlock",
    "CannotDecide",
    "DecidedBefore",
    "NotAReport",
    "TooManyBlocks",
    "TooManyReports",
    "YourOwnMatter",
    "appeal",
    "block",
    "break_glass",
    "decide_appeal",
    "decision_behind",
    "dismiss",
    "report",
    "report_person",
    "take",
    "unblock",
    "uphold",
]
