from atrium.payments.models.delivery import Inbox, WebhookEvent
from atrium.payments.models.dispute import Dispute
from atrium.payments.models.gateway import GatewayHealth, GatewaySetting
from atrium.payments.models.method import SavedMethod
from atrium.payments.models.payment import Payment
from atrium.payments.models.receipt import PaymentReceipt, ReceiptKind, ReceiptSeries
from atrium.payments.models.refund import Refund
from atrium.payments.models.sandbox import (
    SandboxDelivery,
    SandboxDispute,
    SandboxMethod,
    SandboxOrder,
    SandboxRefund,
    SandboxWorld,
)

__all__ = [
    "Dispute",
    "GatewayHealth",
    "GatewaySetting",
    "Inbox",
    "Payment",
    "PaymentReceipt",
    "ReceiptKind",
    "ReceiptSeries",
    "Refund",
    "SandboxDelivery",
    "SandboxDispute",
    "SandboxMethod",
    "SandboxOrder",
    "SandboxRefund",
    "SandboxWorld",
    "SavedMethod",
    "WebhookEvent",
]
