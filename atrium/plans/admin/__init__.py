"""The console's pages of plans, one file each."""

from atrium.plans.admin import coupons, packages, plans, subscriptions

__all__ = ["coupons", "packages", "plans", "subscriptions"]
