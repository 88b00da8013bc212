"""The console's pages about payments; each noun has a file of its own."""

from atrium.payments.admin import deliveries, gateways, payments, receipts, refunds

__all__ = ["deliveries", "gateways", "payments", "receipts", "refunds"]
