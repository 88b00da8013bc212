"""The nouns of metering, one file each."""

from atrium.metering.models.log import UsageLog
from atrium.metering.models.payer import CreditsPay, Share
from atrium.metering.models.receipt import Receipt, ReceiptQuerySet
from atrium.metering.models.window import Window

__all__ = ["CreditsPay", "Receipt", "ReceiptQuerySet", "Share", "UsageLog", "Window"]
