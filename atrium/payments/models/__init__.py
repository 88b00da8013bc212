from atrium.payments.models.delivery import WebhookEvent
from atrium.payments.models.dispute import Dispute
from atrium.payments.models.method import SavedMethod
from atrium.payments.models.payment import Payment
from atrium.payments.models.refund import Refund

__all__ = ["Dispute", "Payment", "Refund", "SavedMethod", "WebhookEvent"]
