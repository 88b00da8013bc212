"""Finance reads lists, takes them along as tables, and finds numbers that are missing."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from atrium.audit.models import AuditEntry
from atrium.payments.models import Payment, PaymentReceipt, ReceiptSeries
from atrium.payments.receipts.gaps import every_series
from atrium.payments.states import RefundFact, RefundRank
from atrium.people.models import User
from tests import make
from tests.payments.conftest import Counter, Jar
from tests.payments.paying import opened, paid, told
from tests.payments.pdf_pages import text_of

pytestmark = pytest.mark.django_db
PAYMENTS = "/console/payments/payment"
RECEIPTS = "/console/payments/paymentreceipt"


@pytest.fixture
def finance(client: Client) -> Any:
    person = make.person(username="fin", role="STAFF", staff_areas=["finance"])
    return make.enter(client, person)


def rows_of(answer: Any) -> list[dict[str, str]]:
    content = b"".join(answer.streaming_content).decode()
    assert content.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"))))


def test_payments_are_a_table_in_which_nothing_reckons(
    finance: Client, alice: User, counter: Counter, jar: Jar
) -> None:
    payment = told(paid(alice, title="=1+1"), refunds=(RefundFact("r", 250, RefundRank.DONE),))
    opened(alice, title="@SUM(A1)")
    Payment.objects.update(snapshot={"card": "4242"})
    rows = rows_of(finance.get(f"{PAYMENTS}/table.csv"))
    assert [row["title"] for row in rows] == ["'=1+1", "'@SUM(A1)"]
    assert rows[0]["reference"] == payment.reference
    assert (rows[0]["amount_minor"], rows[0]["returned_minor"]) == ("1000", "250")
    assert "4242" not in str(rows)
    assert AuditEntry.objects.filter(action="payment.exported").exists()


def test_the_table_holds_what_the_list_shows(
    finance: Client, alice: User, counter: Counter, jar: Jar
) -> None:
    payment = paid(alice)
    opened(alice)
    assert len(rows_of(finance.get(f"{PAYMENTS}/table.csv?state__exact=paid"))) == 1
    [found] = rows_of(finance.get(f"{PAYMENTS}/table.csv?q={payment.reference}"))
    assert found["state"] == "paid"


@pytest.mark.parametrize("path", [f"{PAYMENTS}/table.csv", f"{RECEIPTS}/table.csv"])
def test_tables_are_for_finance_alone(
    client: Client, alice: User, counter: Counter, jar: Jar, path: str
) -> None:
    assert client.get(path).status_code == 302
    assert make.enter(client, alice).get(path).status_code in {302, 403, 404}
    support = make.person(username="sup", role="STAFF", staff_areas=["support"])
    assert make.enter(client, support).get(path).status_code in {403, 404}


def test_receipts_are_read_and_downloaded(
    finance: Client, alice: User, counter: Counter, jar: Jar
) -> None:
    receipt = told(paid(alice), refunds=(RefundFact("r", 250, RefundRank.DONE),)).receipts.get(
        kind="credit_note"
    )
    assert receipt.label in finance.get(f"{RECEIPTS}/").content.decode()
    assert "Money back for" in finance.get(f"{RECEIPTS}/{receipt.pk}/change/").content.decode()
    sent = b"".join(finance.get(f"{RECEIPTS}/{receipt.pk}/pdf/").streaming_content)  # type: ignore[attr-defined]
    assert receipt.label in text_of(sent)
    rows = rows_of(finance.get(f"{RECEIPTS}/table.csv?kind__exact=credit_note"))
    assert [(row["number"], row["amount_minor"]) for row in rows] == [(receipt.label, "250")]


def test_a_number_that_is_missing_is_named(
    finance: Client, alice: User, counter: Counter, jar: Jar
) -> None:
    for _number in range(4):
        paid(alice)
    assert all(series.is_whole for series in every_series())
    said = finance.post(f"{RECEIPTS}/gaps/", follow=True).content.decode()
    assert "Receipt: none of 4 is missing." in said
    PaymentReceipt.objects.filter(number=2).delete()
    ReceiptSeries.objects.filter(kind="receipt").update(last=6)
    [series] = [one for one in every_series() if not one.is_whole]
    assert series.missing == (2, 5, 6)
    said = finance.post(f"{RECEIPTS}/gaps/", follow=True).content.decode()
    assert "Receipt: missing of 6: 2, 5, 6." in said
    assert "Numbers of receipts are missing" in finance.get("/console/").content.decode()
