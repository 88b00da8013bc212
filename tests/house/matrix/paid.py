"""A payment that waits, as somebody opened it."""

from atrium.kit import clock
from atrium.kit.ids import new_id
from atrium.payments.models import Payment
from atrium.people.models import Guest, User
from tests import make


def paid(owner: User | Guest) -> dict[str, str]:
    """Open one for ``owner``, and return what addresses call it."""
    by = make.caller(owner)
    payment = Payment.objects.create(
        **by.as_owner(),
        opened_as=by.audience,
        key=str(new_id()),
        purpose="credits",
        title="100 credits",
        amount_minor=1000,
        currency="USD",
        gateway="sandbox",
        opened_at=clock.now(),
    )
    return {"payment_id": str(payment.pk), "payments.payment": str(payment.pk)}
