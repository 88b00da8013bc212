from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from atrium.files import storage
from atrium.jobs.actions import enqueue
from atrium.options.queries import value
from atrium.payments.models import Payment, PaymentReceipt, ReceiptKind, ReceiptSeries
from atrium.payments.receipts.tax import Rate
from atrium.payments.story import gateway_title, purpose_title

_NUMBERS = ("price_minor", "off_minor", "credits", "credits_per_dollar")
_LETTER = {ReceiptKind.RECEIPT: "", ReceiptKind.CREDIT_NOTE: "C"}


def issue_receipt(
    *, payment: Payment, kept_before: int, kept_now: int, at: datetime
) -> PaymentReceipt:
    """Write down that we keep more of the payment's money than before, or less.

    Call it in the transaction that learns of it: the number is taken there, so that a number is
    missing in no series and none stands twice.
    """
    assert transaction.get_connection().in_atomic_block, "a number belongs to what it tells of"
    first = payment.receipts.filter(kind=ReceiptKind.RECEIPT).oldest_first().first()
    rate = Rate.of(first.told["rate"]) if first else Rate.now()
    kind = ReceiptKind.RECEIPT if kept_now > kept_before else ReceiptKind.CREDIT_NOTE
    number = _take_number(kind)
    receipt = PaymentReceipt.objects.create(
        payment=payment,
        kind=kind,
        number=number,
        label=f"{_LETTER[kind]}{at:%Y}-{number:06d}",
        version=payment.version,
        amount_minor=abs(kept_now - kept_before),
        # Of what is kept, before and after: so the taxes of all parts make up that of the whole.
        tax_minor=abs(rate.within(kept_now) - rate.within(kept_before)),
        currency=payment.currency,
        told={**_told(payment), "rate": rate.as_json(), "first": first.label if first else ""},
        payer=_payer(payment),
        language=payment.person.language if payment.person else "",
        issued_at=at,
        storage_name=storage.new_name(),
    )
    enqueue(
        "payments.make_receipt",
        owner=payment.audience,
        about=("receipt", receipt.pk),
        at=at,
        receipt_id=receipt.pk,
    )
    return receipt


def forget_payer(*, receipt: PaymentReceipt) -> None:
    """Take the name from a receipt; its PDF is made again without it when somebody asks for it."""
    before = receipt.storage_name
    PaymentReceipt.objects.filter(pk=receipt.pk).update(
        payer="", storage_name=storage.new_name(), size=0, sha256="", made_at=None
    )
    transaction.on_commit(lambda: storage.drop(before))


def _take_number(kind: ReceiptKind) -> int:
    series = ReceiptSeries.objects.filter(pk=kind)
    if not series.update(last=F("last") + 1):
        ReceiptSeries.objects.get_or_create(pk=kind)
        series.update(last=F("last") + 1)
    return series.values_list("last", flat=True).get()


def _told(payment: Payment) -> dict[str, Any]:
    snapshot = payment.snapshot
    paid_at = payment.fulfilled_at
    return {
        "operator": {
            "name": value("receipts.operator_name"),
            "address": value("receipts.operator_address"),
            "tax_number": value("receipts.tax_number"),
        },
        "house": settings.PUBLIC_ADDRESS,
        "holder": payment.audience,
        "title": payment.title,
        "purpose": purpose_title(payment),
        "gateway": gateway_title(payment),
        "reference": payment.reference,
        "paid_at": paid_at.isoformat() if paid_at else "",
        **{name: snapshot[name] for name in _NUMBERS if isinstance(snapshot.get(name), int)},
    }


def _payer(payment: Payment) -> str:
    person = payment.person
    if person is None:
        return ""
    name, username = str(person), person.username
    return name if name == username else f"{name} ({username})"[:200]
