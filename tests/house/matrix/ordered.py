"""What somebody ordered in the Sandbox, with all that can become of it."""

from uuid import UUID

from atrium.kit import clock
from atrium.payments.gateways.sandbox import bank, desk
from atrium.payments.models import Payment, SandboxOrder
from atrium.people.models import Guest, User
from tests import make


def ordered(owner: User | Guest, *, payment: str) -> dict[str, str]:
    """Pay and dispute the order behind ``owner``'s payment; return what addresses call it."""
    now, by = clock.now(), make.caller(owner)
    order = SandboxOrder.objects.create(
        reference=Payment.objects.get(pk=UUID(payment)).reference,
        merchant=bank.MERCHANT,
        payer=by.audience,
        title="100 credits",
        amount_minor=1000,
        currency="USD",
        return_url="/wallet",
        cancel_url="/wallet",
        webhook_url="http://localhost:9/webhooks/sandbox",
        made_at=now,
    )
    card = desk.new_card(payer=by.audience, at=now)
    desk.pay(order, card=card, at=now)
    bank.pay_back(order, amount_minor=100, at=now)
    desk.dispute(order, at=now)
    return {"order_ref": order.ref, "card_token": card.pk}
