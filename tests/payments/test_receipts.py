"""A receipt says what was paid, in a number that no other has, and stays as it was."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client

from atrium.files import storage
from atrium.files.holders import known
from atrium.jobs.inline import run_due
from atrium.kit import clock
from atrium.kit.credits import MICRO
from atrium.notifications.models import Notification
from atrium.options.actions import set_option
from atrium.options.registry import BadValue
from atrium.payments.models import Payment, PaymentReceipt, ReceiptKind
from atrium.payments.receipts.files import parcel_of
from atrium.payments.receipts.pdf import pdf_of
from atrium.payments.receipts.sheet import sheet_of
from atrium.payments.receipts.tax import Rate, halves_up, hundredths_of
from atrium.payments.states import RefundFact, RefundRank, State
from atrium.people.actions import claim_guest
from atrium.people.belongings import Whose, part_of
from atrium.people.models import User
from tests import make
from tests.jobs.racing import race
from tests.payments.conftest import Counter, Jar
from tests.payments.paying import opened, paid, told
from tests.payments.pdf_pages import text_of

pytestmark = pytest.mark.django_db
DONE = RefundFact("r", 300, RefundRank.DONE)


def options(**said: str) -> None:
    for name, text in said.items():
        set_option(key=f"receipts.{name}", text=text, by="system", at=clock.now())


def numbers(kind: ReceiptKind = ReceiptKind.RECEIPT) -> list[int]:
    found = PaymentReceipt.objects.filter(kind=kind).order_by("number")
    return list(found.values_list("number", flat=True))


def test_what_is_paid_has_one_receipt_however_often_we_hear_of_it(
    alice: User, counter: Counter, jar: Jar
) -> None:
    payment = paid(alice)
    told(payment)
    receipt = payment.receipts.get()
    assert (receipt.number, receipt.amount_minor, receipt.payer) == (1, 1000, "alice")
    assert receipt.label == f"{receipt.issued_at:%Y}-000001"


def test_what_costs_nothing_has_none(alice: User, counter: Counter, jar: Jar) -> None:
    payment = opened(alice, minor=0)
    assert payment.state == State.PAID
    assert not payment.receipts.exists()


def test_what_goes_back_has_credit_notes_with_numbers_of_their_own(
    alice: User, counter: Counter, jar: Jar
) -> None:
    paid(alice)
    payment = told(paid(alice), refunds=(DONE,))
    told(payment, refunds=(DONE, RefundFact("r2", 700, RefundRank.DONE)))
    notes = payment.receipts.filter(kind=ReceiptKind.CREDIT_NOTE).order_by("number")
    assert [(one.number, one.amount_minor) for one in notes] == [(1, 300), (2, 700)]
    assert notes[0].label.startswith("C")
    assert numbers() == [1, 2]


def test_a_refund_that_fails_after_all_is_paid_again(
    alice: User, counter: Counter, jar: Jar
) -> None:
    payment = told(paid(alice), refunds=(DONE,))
    told(payment, refunds=(replace(DONE, rank=RefundRank.FAILED),))
    kinds = payment.receipts.oldest_first().values_list("kind", "amount_minor")
    assert set(kinds) == {("receipt", 1000), ("credit_note", 300), ("receipt", 300)}
    again = payment.receipts.get(kind="receipt", amount_minor=300)
    assert "A refund that failed" in sheet_of(again).items[0][0]


def test_what_came_and_went_before_we_heard_is_told_both_ways(
    alice: User, counter: Counter, jar: Jar
) -> None:
    payment = told(opened(alice), refunds=(RefundFact("r", 1000, RefundRank.DONE),))
    assert {one.kind for one in payment.receipts.all()} == {"receipt", "credit_note"}


def test_later_changes_of_options_touch_nothing(alice: User, counter: Counter, jar: Jar) -> None:
    options(operator_name="Ink & Co", tax_number="UA123", tax_percent="20", tax_name="ПДВ")
    receipt = paid(alice).receipts.get()
    before = sheet_of(receipt), pdf_of(receipt)
    options(operator_name="Others", tax_number="", tax_percent="0", tax_name="VAT")
    assert (sheet_of(receipt), pdf_of(receipt)) == before
    assert "Ink & Co" in before[0].seller
    note = told(receipt.payment, refunds=(DONE,)).receipts.get(kind="credit_note")
    assert note.tax_minor == 50  # at the rate of then


@pytest.mark.parametrize(
    ("amount", "percent", "tax"),
    [(1200, "20", 200), (1000, "13", 115), (999, "13", 115), (1, "20", 0), (3, "20", 1)],
)
def test_the_tax_in_a_price_is_rounded_to_whole_minor_units(
    db: None, amount: int, percent: Any, tax: Any
) -> None:
    assert Rate("VAT", hundredths_of(percent)).within(amount) == tax


def test_the_taxes_of_what_goes_back_in_parts_make_up_that_of_the_whole(
    alice: User, counter: Counter, jar: Jar
) -> None:
    options(tax_percent="13.5")
    payment = paid(alice, minor=997)
    refunds: tuple[RefundFact, ...] = ()
    for number, part in enumerate((1, 13, 333, 331, 319)):
        refunds += (RefundFact(f"r{number}", part, RefundRank.DONE),)
        payment = told(payment, refunds=refunds)
    whole = payment.receipts.get(kind="receipt")
    parts = payment.receipts.filter(kind="credit_note")
    assert sum(one.amount_minor for one in parts) == 997
    assert sum(one.tax_minor for one in parts) == whole.tax_minor > 0


@pytest.mark.once
def test_halves_are_rounded_up() -> None:
    assert [halves_up(n, 2) for n in range(5)] == [0, 1, 1, 2, 2]
    assert halves_up(10**15 * 2000, 12000) == 166666666666667


@pytest.mark.once
@pytest.mark.parametrize("text", ["", "-1", "100", "1e1", "NaN", "१२", "1,5", "13.", ".5", "1.234"])
def test_what_is_no_percentage_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadValue, match="percentage"):
        hundredths_of(text)


def test_prices_without_tax_say_that_none_was_charged(
    alice: User, counter: Counter, jar: Jar
) -> None:
    options(tax_percent="13", prices_include_tax="false")
    receipt = paid(alice).receipts.get()
    assert receipt.tax_minor == 0
    assert sheet_of(receipt).notes == ["No VAT was charged."]


def test_the_rate_that_held_stands_on_it(alice: User, counter: Counter, jar: Jar) -> None:
    snapshot = {"credits": 100 * MICRO, "credits_per_dollar": 10, "price_minor": 1200}
    receipt = paid(alice, snapshot={**snapshot, "off_minor": 200}).receipts.get()
    sheet = sheet_of(receipt)
    assert sheet.notes == ["100.00 credits, at 10 credits per dollar."]
    assert sheet.items == [
        ("A jar of ink", "12.00 USD"),
        ("Taken off by a coupon", "-2.00 USD"),
    ]
    assert sheet.totals[-1] == ("Paid", "10.00 USD")


@pytest.mark.django_db(transaction=True)
def test_32_payments_at_once_leave_no_number_out_and_take_none_twice(
    alice: User, counter: Counter, jar: Jar
) -> None:
    payments = [opened(alice) for _number in range(32)]
    race(32, lambda number: told(payments[number]))
    assert numbers() == list(range(1, 33))


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_leaves_no_hole(
    alice: User, bob: User, counter: Counter, jar: Jar
) -> None:
    class Broken(Exception):
        pass

    taken, go_on = threading.Event(), threading.Event()

    @transaction.atomic
    def breaks() -> None:
        told(payment)
        taken.set()
        go_on.wait(20)
        raise Broken

    def fails(_number: int) -> None:
        with pytest.raises(Broken):
            breaks()

    def waits(_number: int) -> None:
        taken.wait(20)
        go_on.set()
        told(other)

    payment, other = opened(alice), opened(bob)
    race(2, lambda number: (fails, waits)[number](number))
    assert numbers() == [1]
    assert PaymentReceipt.objects.get().payment == other
    told(payment)
    assert numbers() == [1, 2]


def test_only_who_paid_sees_it(
    client: Client, alice: User, bob: User, counter: Counter, jar: Jar
) -> None:
    receipt = paid(alice).receipts.get()
    for address in (f"/wallet/receipts/{receipt.pk}", f"/wallet/receipts/{receipt.pk}.pdf"):
        assert client.get(address).status_code == 404
        assert make.enter(client, bob).get(address).status_code == 404
        assert make.enter(client, alice).get(address).status_code == 200
        client.logout()


def test_the_receipt_of_a_guest_comes_along(
    client: Client, alice: User, counter: Counter, jar: Jar
) -> None:
    guest = make.guest()
    receipt = paid(guest).receipts.get()
    assert sheet_of(receipt).payer.startswith("Guest ")
    claim_guest(guest=guest, person=alice, at=clock.now())
    page = make.enter(client, alice).get(f"/wallet/receipts/{receipt.pk}").content.decode()
    assert receipt.label in page


def test_the_page_says_what_the_pdf_says(
    client: Client, alice: User, counter: Counter, jar: Jar
) -> None:
    options(operator_name="Ink & Co", operator_address="Quay 1, Lviv", tax_percent="20")
    receipt = paid(alice, minor=1200).receipts.get()
    make.enter(client, alice)
    page = client.get(f"/wallet/receipts/{receipt.pk}").content.decode()
    written = text_of(b"".join(client.get(f"/wallet/receipts/{receipt.pk}.pdf").streaming_content))  # type: ignore[attr-defined]
    words = ["Ink", "Quay 1", "Lviv", "alice", "A jar of ink", "12.00 USD", "VAT, 20 %"]
    for word in [*words, "2.00 USD", "10.00 USD", receipt.label, receipt.payment.reference]:
        assert word in page, word
        assert word in written, word


def test_the_job_keeps_the_pdf_and_it_is_the_same_bytes_each_time(
    client: Client, alice: User, counter: Counter, jar: Jar
) -> None:
    receipt = paid(alice).receipts.get()
    assert receipt.made_at is None
    run_due(clock.now() + timedelta(minutes=1))
    receipt.refresh_from_db()
    path = storage.path_of(receipt.storage_name)
    kept = path.read_bytes()
    assert kept == pdf_of(receipt) == pdf_of(receipt)
    assert known([receipt.storage_name]) == {receipt.storage_name}
    storage.drop(receipt.storage_name)
    parcel = parcel_of(receipt, at=clock.now())
    assert parcel.path.read_bytes() == kept
    answer = make.enter(client, alice).get(f"/wallet/receipts/{receipt.pk}.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert f"{receipt.label}.pdf" in answer["Content-Disposition"]


def test_who_goes_leaves_the_number_and_not_the_name(
    alice: User, counter: Counter, jar: Jar
) -> None:
    alice.display_name = "Alice Quarrel"
    alice.save()
    receipt = paid(alice).receipts.get()
    parcel = parcel_of(receipt, at=clock.now())
    assert "Alice Quarrel (alice)" in text_of(parcel.path.read_bytes())
    [belonging] = part_of("receipts").belongings
    whose = Whose(person=alice)
    assert belonging.erase_some(whose, at=clock.now()) == 1
    assert belonging.erase_some(whose, at=clock.now()) == 0
    receipt.refresh_from_db()
    assert (receipt.payer, receipt.number) == ("", 1)
    again = text_of(parcel_of(receipt, at=clock.now()).path.read_bytes())
    assert "Quarrel" not in again
    assert alice.pk.hex[-12:] in again
    assert receipt.label in again


def test_people_are_told_by_a_letter_that_leads_to_the_receipt(
    counter: Counter, jar: Jar, settings: Any
) -> None:
    person = make.person(username="dora", email="dora@x.example")
    receipt = paid(person).receipts.get()
    run_due(clock.now() + timedelta(minutes=1))
    [letter] = [one for one in mail.outbox if receipt.label in one.body]
    assert f"{settings.PUBLIC_ADDRESS}/wallet/receipts/{receipt.pk}" in letter.body
    assert letter.to == ["dora@x.example"]


def test_who_pays_without_an_address_is_told_in_the_house(
    alice: User, counter: Counter, jar: Jar
) -> None:
    payment = told(paid(alice), refunds=(DONE,))
    said = Notification.objects.filter(person=alice).order_by("made_at", "id")
    assert [one.kind for one in said] == ["payments.paid", "payments.went_back"]
    assert Payment.objects.get().receipts.count() == payment.receipts.count() == 2
