"""Payments at the counter, and what it delivers about them."""

import json
from typing import Any

from django.test import Client

from atrium.kit import clock
from atrium.kit.money import Money
from atrium.payments.actions import Item, open_payment
from atrium.payments.gateways.protocol import Standing
from atrium.payments.models import Payment
from atrium.payments.states import Progress
from tests import make
from tests.payments.conftest import SIGNATURE, signature


def a_payment(who: Any, *, minor: int = 1000, currency: str = "USD", **more: Any) -> Payment:
    """Open a payment for a jar, or for what ``purpose`` names."""
    purpose, snapshot = more.pop("purpose", "jar"), more.pop("snapshot", {})
    item = Item(purpose=purpose, title="A jar", amount=Money(minor, currency), snapshot=snapshot)
    told = {"gateway": "counter", "key": "one", "at": clock.now(), **more}
    return open_payment(by=make.caller(who), item=item, **told)


def begun(who: Any, **more: Any) -> Payment:
    """Open one of which the payer is at the gateway since this moment."""
    payment = a_payment(who, **more)
    at = more.get("at", clock.now())
    Payment.objects.filter(pk=payment.pk).update(begun_at=at, look_next_at=at)
    payment.refresh_from_db()
    return payment


def standing_of(payment: Payment, **more: Any) -> Standing:
    """Return what a gateway says of it when all is well."""
    told = {
        "progress": Progress.PAID,
        "reference": payment.reference,
        "amount_minor": payment.amount_minor,
        "currency": payment.currency,
        "merchant": "us",
    }
    return Standing(**{**told, **more})


def event_about(payment: Payment, *, key: str = "e1", kind: str = "paid", **more: Any) -> bytes:
    """Return the bytes of a delivery about it."""
    told = {"id": key, "type": kind, "reference": payment.reference, **more}
    return json.dumps(told).encode()


def deliver(client: Client, raw: bytes, *, signed: str | None = None, **more: Any) -> Any:
    """Knock as the counter does, or with the signature that is given."""
    headers = {SIGNATURE: signature(raw) if signed is None else signed}
    return client.post(
        "/webhooks/counter", raw, content_type="application/json", headers=headers, **more
    )
