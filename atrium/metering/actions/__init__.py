"""Everything that is done about what calls use: set aside before, counted after, told."""

from atrium.metering.actions.asked import Asked, reserve_asked
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
from atrium.metering.actions.log import forget_old_log, log_use
from atrium.metering.actions.preferences import let_credits_pay
from atrium.metering.actions.shares import ShareUsedUp
from atrium.metering.actions.together import Used, reserve_all, settle_all

__all__ = [
    "HOLD",
    "LONGEST_CALL",
    "Asked",
    "PlanTooLow",
    "ShareUsedUp",
    "Used",
    "WindowFull",
    "forget_old_log",
    "let_credits_pay",
    "log_use",
    "price_of",
    "release",
    "reserve",
    "reserve_all",
    "reserve_asked",
    "settle",
    "settle_all",
]
