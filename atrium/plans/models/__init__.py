"""The nouns of plans, one file each."""

from atrium.plans.models.allowance import Allowance, AllowanceUse
from atrium.plans.models.plan import FREE, GUEST, UNLIMITED, Plan

__all__ = ["FREE", "GUEST", "UNLIMITED", "Allowance", "AllowanceUse", "Plan"]
