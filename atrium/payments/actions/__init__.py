"""What is done about payments; where a state moves is ``learning`` alone."""

from atrium.payments.actions.cancelling import CannotCancel, cancel_payment
from atrium.payments.actions.opening import CannotPayWith, Item, OtherPayment, open_payment
from atrium.payments.actions.refunds import (
    CannotPayBack,
    NotYours,
    RefundIsOver,
    TooMuchBack,
    ask_refund,
)

__all__ = [
    "CannotCancel",
    "CannotPayBack",
    "CannotPayWith",
    "Item",
    "NotYours",
    "OtherPayment",
    "RefundIsOver",
    "TooMuchBack",
    "ask_refund",
    "cancel_payment",
    "open_payment",
]
