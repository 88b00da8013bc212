"""Everything that is done about what calls use: set aside before, counted after, told."""

from atrium.metering.actions.calls import (
    HOLD,
    LONGEST_CALL,
    PlanTooLow,
    WindowFull,
    price_of,
    release,
    reserve,
    settle,
)
from atrium.metering.actions.preferences import let_credits_pay
from atrium.metering.actions.shares import ShareUsedUp

__all__ = [
    "HOLD",
    "LONGEST_CALL",
    "PlanTooLow",
    "ShareUsedUp",
    "WindowFull",
    "let_credits_pay",
    "price_of",
    "release",
    "reserve",
    "settle",
]
