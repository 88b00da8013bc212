"""Serves the house as ever, with one more gateway: one that only signs.

``python -m bench.webhook_gateway serve``
"""

import hashlib
import hmac
import json
import os
import sys
from collections.abc import Mapping

SLUG, HEADER, KEY = "bench", "Bench-Signature", b"only for measuring"


def signature(raw: bytes) -> str:
    """Return what a delivery of these bytes is signed with."""
    return hmac.new(KEY, raw, hashlib.sha256).hexdigest()


def delivery(number: int, reference: str) -> bytes:
    """Return a delivery of about the size that gateways send."""
    told = {
        "id": f"evt_{number}",
        "type": "payment.captured",
        "created": 1_795_000_000,
        "data": {
            "object": {
                "id": f"pay_{number}",
                "amount": 1000,
                "currency": "usd",
                "reference": reference,
                "customer_email": "somebody@example.org",
                "card": {"brand": "visa", "last4": "4242", "exp_month": 4, "exp_year": 2031},
                "notes": ["one of the things that gateways say", "and one more of them"] * 4,
                "metadata": {"about": "credits", "shown": "10 credits per dollar"},
            }
        },
    }
    return json.dumps(told).encode()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")

    import django

    django.setup()

    from django.core.management import execute_from_command_line

    from atrium.payments.gateways import registry
    from atrium.payments.gateways.protocol import Delivery, Forged, Hint

    class Bench:
        """A gateway of which nothing is needed but that it reads what it signed."""

        slug = SLUG
        currencies = frozenset({"USD"})

        def read_webhook(self, raw: bytes, headers: Mapping[str, str]) -> Delivery:
            if not hmac.compare_digest(signature(raw).encode(), headers.get(HEADER, "").encode()):
                raise Forged
            told = json.loads(raw)
            reference = told["data"]["object"]["reference"]
            return Delivery(told["id"], told["type"], (Hint(reference=reference),))

    registry.register(SLUG, Bench)  # type: ignore[arg-type]
    execute_from_command_line(["atrium", *sys.argv[1:]])
