from dataclasses import replace
from typing import Any

import pytest

from atrium.kit import clock
from atrium.kit.money import Money
from atrium.ledger.models import Entry
from atrium.ledger.queries import first_difference
from atrium.payments import checkout
from atrium.payments.actions import CannotPayWith, Item, OtherPayment, open_payment
from atrium.payments.gateways.protocol import Standing
from atrium.payments.learning import learn, learn_progress
from atrium.payments.models import Payment, SavedMethod
from atrium.payments.states import (
    DisputeFact,
    DisputeRank,
    Progress,
    RefundFact,
    RefundRank,
    State,
)
from atrium.people.models import User
from tests import make
from tests.payments.conftest import Counter, Jar

pytestmark = pytest.mark.django_db


def a_payment(alice: User, *, minor: int = 1000, currency: str = "USD", **more: Any) -> Payment:
    item = Item(purpose="jar", title="A jar", amount=Money(minor, currency), snapshot={})
    told = {"gateway": "counter", "key": "one", **more}
    return open_payment(by=make.caller(alice), item=item, at=clock.now(), **told)


def standing_of(payment: Payment, **more: Any) -> Standing:
    told = {
        "progress": Progress.PAID,
        "reference": payment.reference,
        "amount_minor": 1000,
        "currency": "USD",
        "merchant": "us",
    }
    return Standing(**{**told, **more})


def told(payment: Payment, **more: Any) -> Payment:
    return learn(payment=payment, standing=standing_of(payment, **more), at=clock.now())


def test_what_is_paid_is_given_once(alice: User, counter: Counter, jar: Jar) -> None:
    payment = a_payment(alice)
    told(payment)
    paid = told(payment)
    assert paid.state == State.PAID
    assert jar.done == [("fulfilled", 1000)]
    assert first_difference() is None


@pytest.mark.parametrize(
    "altered",
    [
        {"reference": "0" * 32},
        {"amount_minor": 1},
        {"currency": "EUR"},
        {"merchant": "them"},
        {"payer": "person:somebody"},
    ],
)
def test_what_does_not_equal_our_order_gives_nothing(
    alice: User, counter: Counter, jar: Jar, altered: Any
) -> None:
    payment = told(a_payment(alice), **altered)
    assert payment.state == State.PENDING
    assert payment.needs_look
    assert jar.done == []


def test_one_transaction_there_pays_for_one_thing_here(
    alice: User, counter: Counter, jar: Jar
) -> None:
    first, second = a_payment(alice), a_payment(alice, key="two")
    told(first, transaction_ref="t1")
    second = told(second, transaction_ref="t1")
    assert second.needs_look == "transaction"
    assert jar.done == [("fulfilled", 1000)]


def test_refunds_are_reversed_by_the_difference(alice: User, counter: Counter, jar: Jar) -> None:
    payment = told(a_payment(alice))
    part = RefundFact("r1", 300, RefundRank.DONE)
    told(payment, refunds=(part,))
    told(payment, refunds=(part,))
    payment = told(payment, refunds=(RefundFact("r2", 700, RefundRank.DONE),))
    assert payment.state == State.REFUNDED
    assert jar.done[1:] == [("reversed", 0, 300), ("reversed", 300, 1000)]
    payment = told(payment, refunds=(replace(part, rank=RefundRank.FAILED),))
    assert payment.state == State.PARTLY_REFUNDED
    assert jar.done[-1] == ("reversed", 1000, 700)
    assert first_difference() is None


def test_what_was_paid_and_went_back_before_we_heard_is_booked_both_ways(
    alice: User, counter: Counter, jar: Jar
) -> None:
    payment = told(a_payment(alice), refunds=(RefundFact("r", 1000, RefundRank.DONE),))
    assert payment.state == State.REFUNDED
    assert jar.done == [("fulfilled", 1000), ("reversed", 0, 1000)]
    booked = Entry.objects.filter(about_id=payment.pk).values_list("key", flat=True)
    assert {key.rpartition(":")[2] for key in booked} == {"in", "back"}


def test_a_dispute_freezes_and_its_end_thaws(alice: User, counter: Counter, jar: Jar) -> None:
    payment = told(a_payment(alice), disputes=(DisputeFact("d", 1000, DisputeRank.OPENED),))
    assert payment.frozen_at
    payment = told(payment, disputes=(DisputeFact("d", 1000, DisputeRank.LOST),))
    assert payment.state == State.REFUNDED
    assert jar.done == [("fulfilled", 1000), ("frozen",), ("thawed",), ("reversed", 0, 1000)]


def test_what_goes_back_of_what_rests_comes_out_of_it(
    alice: User, counter: Counter, jar: Jar
) -> None:
    opened = (DisputeFact("d", 300, DisputeRank.OPENED),)
    payment = told(a_payment(alice), disputes=opened)
    rests_since = payment.frozen_at
    payment = told(payment, disputes=opened, refunds=(RefundFact("r", 400, RefundRank.DONE),))
    assert payment.frozen_at == rests_since
    assert jar.done[1:] == [("frozen",), ("thawed",), ("reversed", 0, 400), ("frozen",)]


def test_paid_after_it_was_cancelled_counts(alice: User, counter: Counter, jar: Jar) -> None:
    payment = learn_progress(payment=a_payment(alice), progress=Progress.CANCELLED, at=clock.now())
    assert payment.state == State.CANCELLED
    assert told(payment).state == State.PAID
    assert jar.done == [("dropped",), ("fulfilled", 1000)]


def test_a_key_opens_one_payment(alice: User, counter: Counter, jar: Jar) -> None:
    assert a_payment(alice) == a_payment(alice)
    with pytest.raises(OtherPayment):
        a_payment(alice, minor=2000)
    with pytest.raises(CannotPayWith):
        a_payment(alice, currency="NPR", key="two")


def test_nothing_to_pay_is_paid_at_once(alice: User, counter: Counter, jar: Jar) -> None:
    payment = a_payment(alice, minor=0, gateway="")
    assert payment.state == State.PAID
    assert jar.done == [("fulfilled", 0)]


def saved(alice: User) -> SavedMethod:
    method = SavedMethod(person=alice, gateway="counter", label="A card", made_at=clock.now())
    method.reference = "card-1"
    method.save()
    return method


@pytest.mark.django_db(transaction=True)
def test_a_charge_without_an_answer_is_unknown_and_not_repeated(
    alice: User, counter: Counter, jar: Jar
) -> None:
    payment, counter.is_down = a_payment(alice), True
    payment = checkout.charge_again(payment, saved(alice), at=clock.now())
    assert payment.state == State.UNKNOWN
    counter.is_down = False
    counter.says = standing_of(payment)
    again = checkout.charge_again(payment, saved(alice), at=clock.now())
    assert again.state == State.UNKNOWN
    assert counter.charges == [payment.reference]
    assert checkout.look_up(payment, at=clock.now()).state == State.PAID
    assert jar.done == [("fulfilled", 1000)]


@pytest.mark.django_db(transaction=True)
def test_a_declined_charge_has_failed(alice: User, counter: Counter, jar: Jar) -> None:
    counter.declines = "No money on this card."
    payment = checkout.charge_again(a_payment(alice), saved(alice), at=clock.now())
    assert (payment.state, payment.why) == (State.FAILED, "No money on this card.")
    assert jar.done == [("dropped",)]
