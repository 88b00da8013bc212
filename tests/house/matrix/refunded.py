"""What can become of a payment besides being paid, and the card it was paid with."""

from uuid import UUID

from atrium.kit import clock
from atrium.payments.models import GatewaySetting, Payment, SavedMethod, WebhookEvent
from atrium.people.models import Guest, User
from tests import make


def refunded(owner: User | Guest, *, payment: str) -> dict[str, str]:
    """Have a refund asked for, a dispute opened and a card kept; return what addresses say."""
    now, by = clock.now(), make.caller(owner)
    paid = Payment.objects.get(pk=UUID(payment))
    refund = paid.refunds.create(amount_minor=100, reason="They asked for it.", made_at=now)
    paid.disputes.create(reference=f"d-{payment}", amount_minor=100, opened_at=now)
    card = SavedMethod(**by.as_owner(), gateway="sandbox", label="A card …4242", made_at=now)
    card.reference = f"card-{payment}"
    card.save()
    told = WebhookEvent.objects.create(
        gateway="sandbox",
        event_key=f"e-{payment}",
        kind="order.paid",
        is_signed=True,
        hints=[{"reference": paid.reference}],
        payload='{"type": "order.paid"}',
        state=WebhookEvent.State.FAILED,
        payment=paid,
        error="The gateway did not answer.",
        received_at=now,
        ended_at=now,
    )
    return {
        "payments.refund": str(refund.pk),
        "payments.webhookevent": str(told.pk),
        "gateway": "sandbox",
        "reference": paid.reference,
    }


def set_up_for_everybody() -> str:
    """Set a gateway up as an operator would; return what addresses call it."""
    row = GatewaySetting.objects.create(slug="sandbox", changed_at=clock.now())
    return row.slug
