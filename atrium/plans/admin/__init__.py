"""The console's pages of plans, one file each."""

from atrium.plans.admin import plans, subscriptions

__all__ = ["plans", "subscriptions"]
