"""A payment that waits, as somebody opened it, and a receipt as if it were paid."""

from django.db import transaction

from atrium.kit import clock
from atrium.kit.credits import MICRO
from atrium.kit.ids import new_id
from atrium.payments.actions.receipts import issue_receipt
from atrium.payments.models import Payment
from atrium.people.models import Guest, User
from tests import make


def paid(owner: User | Guest) -> dict[str, str]:
    """Make both for ``owner``, and return what addresses call them."""
    by = make.caller(owner)
    payment = Payment.objects.create(
        **by.as_owner(),
        opened_as=by.audience,
        key=str(new_id()),
        purpose="credits",
        title="100 credits",
        snapshot={"package": "", "credits": 100 * MICRO},
        amount_minor=1000,
        currency="USD",
        gateway="sandbox",
        opened_at=clock.now(),
    )
    with transaction.atomic():
        receipt = issue_receipt(payment=payment, kept_before=0, kept_now=1000, at=clock.now())
    return {
        "payment_id": str(payment.pk),
        "payments.payment": str(payment.pk),
        "receipt_id": str(receipt.pk),
        "payments.paymentreceipt": str(receipt.pk),
    }
