from datetime import datetime
from uuid import UUID

from ninja import Schema
from pydantic import Field

from atrium.kit.money import Money
from atrium.payments.models import Payment, PaymentReceipt
from atrium.payments.story import story_of
from atrium.web.schemas import example

_SUM = {"minor": 1200, "currency": "USD", "text": "12.00 USD"}
_NOTHING = {"minor": 0, "currency": "USD", "text": "0.00 USD"}
_RECEIPT = {
    "id": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4c12",
    "kind": "receipt",
    "number": "2026-000418",
    "amount": _SUM,
    "tax": _NOTHING,
    "issued_at": "2026-11-21T12:00:00Z",
}
_PAYMENT = {
    "id": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4c11",
    "state": "paid",
    "sentence": "Thank you. What you paid for is yours.",
    "title": "100 credits",
    "purpose": "credits",
    "amount": _SUM,
    "returned": _NOTHING,
    "gateway": "sandbox",
    "is_disputed": False,
    "opened_at": "2026-11-21T11:58:00Z",
    "paid_at": "2026-11-21T12:00:00Z",
    "receipts": [_RECEIPT],
}


class AmountOut(Schema):
    """Money in whole minor units of its currency."""

    minor: int
    currency: str
    text: str

    @classmethod
    def of(cls, money: Money) -> "AmountOut":
        return cls(minor=money.minor, currency=money.currency, text=str(money))


class PaymentReceiptOut(Schema):
    """What was written down of money that came, or, as a credit note, went back."""

    model_config = example(**_RECEIPT)

    id: UUID
    kind: str = Field(description="`receipt` or `credit_note`.")
    number: str
    amount: AmountOut
    tax: AmountOut = Field(description="How much of the amount is the tax.")
    issued_at: datetime

    @classmethod
    def of(cls, receipt: PaymentReceipt) -> "PaymentReceiptOut":
        return cls(
            id=receipt.pk,
            kind=receipt.kind,
            number=receipt.label,
            amount=AmountOut.of(receipt.amount),
            tax=AmountOut.of(Money(receipt.tax_minor, receipt.currency)),
            issued_at=receipt.issued_at,
        )


class PaymentOut(Schema):
    """One payment as we know it; what its gateway is asked in the meantime changes it later."""

    model_config = example(**_PAYMENT)

    id: UUID
    state: str = Field(
        description="`pending`, `processing`, `paid`, `failed`, `cancelled`, `refunded`,"
        " `partly_refunded`, or `unknown` while the gateway does not say."
    )
    sentence: str = Field(description="How it stands, in your language.")
    title: str
    purpose: str
    amount: AmountOut
    returned: AmountOut = Field(description="How much of it went back.")
    gateway: str = Field(description="Empty where there was nothing to pay.")
    is_disputed: bool
    opened_at: datetime
    paid_at: datetime | None
    receipts: list[PaymentReceiptOut]

    @classmethod
    def of(cls, payment: Payment) -> "PaymentOut":
        receipts = sorted(payment.receipts.all(), key=lambda one: (one.issued_at, one.label))
        return cls(
            id=payment.pk,
            state=payment.state,
            sentence=story_of(payment).sentence,
            title=payment.title,
            purpose=payment.purpose,
            amount=AmountOut.of(payment.amount),
            returned=AmountOut.of(Money(payment.returned_minor, payment.currency)),
            gateway=payment.gateway,
            is_disputed=payment.frozen_at is not None,
            opened_at=payment.opened_at,
            paid_at=payment.fulfilled_at,
            receipts=[PaymentReceiptOut.of(receipt) for receipt in receipts],
        )


class PaymentPage(Schema):
    model_config = example(items=[_PAYMENT], next=None)

    items: list[PaymentOut]
    next: str | None = Field(description="Send it as `after` for what follows.")
