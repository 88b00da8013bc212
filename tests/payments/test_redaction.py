import json
from typing import Any

import pytest

from atrium.payments.redaction import MOST_CHARACTERS, redacted

pytestmark = pytest.mark.once
SECRETS = (
    *("4242424242424242", "4242 4242 4242 4242", "5267318187975449", "somebody@example.org"),
    *("sk_live_51HabcdefGH", "whsec_abcdef123456", "AUTH_abc123def", "+977 980-123-4567"),
    *("Ada Lovelace", "12 Some Street", "9800000001"),
)


def test_cards_names_mail_and_tokens_are_gone_by_name_and_by_shape() -> None:
    told = {
        "event": "charge.success",
        "data": {
            "id": 302961,
            "reference": "ab" * 16,
            "amount": 1000,
            "card": {"number": SECRETS[0], "last4": "4242"},
            "authorization": {"authorization_code": SECRETS[6], "bin": "408408"},
            "customer": {"email": SECRETS[3], "first_name": "Ada", "phone": SECRETS[7]},
            "cardholder_name": "Ada Lovelace",
            "billing_address": "12 Some Street",
            "mobile": "9800000001",
            "note": f"call {SECRETS[7]} or {SECRETS[3]}, card {SECRETS[1]}",
            "log": [SECRETS[2], SECRETS[4], SECRETS[5]],
            "odd": 4242424242424242,
        },
    }
    kept = redacted(json.dumps(told).encode())
    for secret in SECRETS:
        assert secret not in kept
    assert "4242" not in kept


def test_what_staff_need_stays() -> None:
    told: Any = {"event": "paid", "data": {"id": 302961, "amount": 1000, "currency": "NPR"}}
    told["data"]["reference"] = "0af1" * 8
    assert json.loads(redacted(json.dumps(told).encode())) == told


def test_what_is_no_json_is_a_form_or_said_in_a_word() -> None:
    assert json.loads(redacted(b"status=paid&email=a%40b.example")) == {
        "status": "paid",
        "email": "…",
    }
    assert "bytes" in redacted(b"\x80\x81\x82")
    assert redacted(b"") == "null"


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b'{"a": "\\u0000"}',
        json.dumps({"long": "x" * 200_000}).encode(),
        json.dumps({str(n): n for n in range(20_000)}).encode(),
        b'{"a": 1e999}',
        b'{"a": NaN}',
        ("{" + '"name": "' + "é" * 1000 + '"}').encode(),
    ],
)
def test_whatever_comes_is_short_text_without_nul(raw: bytes) -> None:
    kept = redacted(raw)
    assert len(kept) <= MOST_CHARACTERS
    assert "\0" not in kept
