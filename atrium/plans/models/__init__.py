"""The nouns of plans, one file each."""

from atrium.plans.models.allowance import Allowance, AllowanceUse
from atrium.plans.models.coupon import Coupon, CouponUse
from atrium.plans.models.low_balance import LowBalance, Watch
from atrium.plans.models.package import Package
from atrium.plans.models.period import Period
from atrium.plans.models.plan import FREE, GUEST, UNLIMITED, Plan
from atrium.plans.models.purchase import Purchase
from atrium.plans.models.subscription import Subscription

__all__ = [
    "FREE",
    "GUEST",
    "UNLIMITED",
    "Allowance",
    "AllowanceUse",
    "Coupon",
    "CouponUse",
    "LowBalance",
    "Package",
    "Period",
    "Plan",
    "Purchase",
    "Subscription",
    "Watch",
]
