"""Payments for programs: what is theirs, and nothing of anybody else's."""

from typing import Any

import pytest
from django.test import Client

from atrium.kit import clock
from atrium.payments.models import Payment
from atrium.payments.states import RefundFact, RefundRank
from atrium.people.actions import issue_key
from atrium.people.models import User
from tests.payments.conftest import Counter, Jar
from tests.payments.paying import opened, paid, told
from tests.payments.pdf_pages import text_of

pytestmark = pytest.mark.django_db
HERE = "/api/v1/payments"


@pytest.fixture
def key_of() -> Any:
    def issue(person: User, *scopes: str) -> dict[str, str]:
        now = clock.now()
        _key, token = issue_key(person=person, name="k", scopes=scopes or ["read"], at=now)
        return {"Authorization": f"Bearer {token}"}

    return issue


def test_payments_are_listed_with_what_went_back_and_their_receipts(
    client: Client, alice: User, bob: User, counter: Counter, jar: Jar, key_of: Any
) -> None:
    told(paid(alice), refunds=(RefundFact("r", 250, RefundRank.DONE),))
    waiting = opened(alice)
    paid(bob)
    items = client.get(HERE, headers=key_of(alice)).json()["items"]
    assert [one["state"] for one in items] == ["pending", "partly_refunded"]
    assert items[0]["id"] == str(waiting.pk)
    assert items[1]["returned"] == {"minor": 250, "currency": "USD", "text": "2.50 USD"}
    assert [one["kind"] for one in items[1]["receipts"]] == ["receipt", "credit_note"]


def test_one_is_read_and_cancelled(
    client: Client, alice: User, counter: Counter, jar: Jar, key_of: Any
) -> None:
    payment, key = opened(alice), key_of(alice, "read", "account")
    address = f"{HERE}/{payment.pk}"
    assert client.get(address, headers=key).json()["sentence"] == "Nothing was charged yet."
    assert client.post(f"{address}/cancel", headers=key).json()["state"] == "cancelled"
    told(payment)
    assert client.post(f"{address}/cancel", headers=key).status_code == 409
    assert client.post(f"{address}/cancel", headers=key_of(alice)).status_code == 403


def test_a_receipt_is_downloaded(
    client: Client, alice: User, counter: Counter, jar: Jar, key_of: Any
) -> None:
    receipt = paid(alice).receipts.get()
    address = f"{HERE}/receipts/{receipt.pk}/content"
    answer = client.get(address, headers=key_of(alice))
    assert receipt.label in text_of(b"".join(answer.streaming_content))  # type: ignore[attr-defined]


def test_what_is_somebody_elses_is_not_there(
    client: Client, alice: User, bob: User, counter: Counter, jar: Jar, key_of: Any
) -> None:
    payment = paid(alice)
    key = key_of(bob, "read", "account")
    receipt = payment.receipts.get()
    for path in (f"{payment.pk}", f"receipts/{receipt.pk}/content"):
        assert client.get(f"{HERE}/{path}", headers=key).status_code == 404
    assert client.post(f"{HERE}/{payment.pk}/cancel", headers=key).status_code == 404
    assert client.get(HERE, headers=key).json()["items"] == []
    assert Payment.objects.get().state == "paid"


def test_a_list_asks_the_same_few_questions_however_long_it_is(
    client: Client,
    alice: User,
    counter: Counter,
    jar: Jar,
    key_of: Any,
    django_assert_max_num_queries: Any,
) -> None:
    for _number in range(12):
        paid(alice)
    key = key_of(alice)
    client.get(HERE, headers=key)
    with django_assert_max_num_queries(12):
        assert len(client.get(HERE, headers=key).json()["items"]) == 12
