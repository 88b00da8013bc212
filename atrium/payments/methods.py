"""Ways to pay that a gateway keeps for somebody."""

from datetime import datetime
from typing import cast

from atrium.payments.gateways.protocol import MethodFact
from atrium.payments.models import Payment, SavedMethod


def keep_method(payment: Payment, fact: MethodFact, *, at: datetime) -> SavedMethod:
    """Keep the way that this payment was paid, once; the newest of a gateway is the one in use."""
    theirs = SavedMethod.objects.filter(
        person=payment.person, guest=payment.guest, gateway=payment.gateway, ended_at=None
    )
    for method in theirs:
        if method.reference == fact.reference:
            return cast(SavedMethod, method)
    method = SavedMethod(
        person=payment.person,
        guest=payment.guest,
        gateway=payment.gateway,
        label=fact.label[:80],
        made_at=at,
    )
    method.reference = fact.reference
    method.save()
    return method
