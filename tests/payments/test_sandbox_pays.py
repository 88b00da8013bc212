from typing import Any

import pytest
from django.test import Client

from atrium.kit import clock
from atrium.payments import checkout
from atrium.payments.gateways.protocol import Declined, NoAnswer
from atrium.payments.gateways.registry import GatewayGone, gateway_of
from atrium.payments.gateways.sandbox import bank, desk, tricks
from atrium.payments.models import Payment, SandboxMethod, SandboxOrder, SandboxWorld
from atrium.payments.states import RefundRank, State
from atrium.people.models import User
from tests import make
from tests.payments.conftest import Jar
from tests.payments.through_sandbox import begun, looked_up, opened, order_of, remembered_card

pytestmark = pytest.mark.django_db


def test_it_takes_the_money_once(alice: User, jar: Jar) -> None:
    payment = begun(alice)
    assert desk.pay(order_of(payment), at=clock.now())
    assert not desk.pay(order_of(payment), at=clock.now())
    looked_up(payment)
    assert order_of(payment).charges == 1
    assert jar.done == [("fulfilled", 1000)]


def test_the_same_payment_begun_twice_is_one_order(alice: User, jar: Jar) -> None:
    payment = begun(alice)
    where = checkout.begin(payment, at=clock.now())
    assert where.gateway_ref == payment.gateway_ref
    assert SandboxOrder.objects.count() == 1


def test_an_order_under_a_reference_that_is_taken_is_refused(alice: User, jar: Jar) -> None:
    payment = begun(alice)
    SandboxOrder.objects.filter(pk=order_of(payment).pk).update(amount_minor=5)
    with pytest.raises(checkout.GatewayBusy):
        checkout.begin(payment, at=clock.now())


def test_an_order_without_an_answer_is_found_by_our_reference(alice: User, jar: Jar) -> None:
    payment = opened(alice)
    tricks.set_begins(SandboxWorld.Begins.NO_ANSWER)
    with pytest.raises(checkout.GatewayBusy):
        checkout.begin(payment, at=clock.now())
    assert not payment.gateway_ref
    desk.pay(order_of(payment), at=clock.now())
    assert looked_up(payment).state == State.PAID
    assert jar.done == [("fulfilled", 1000)]


def test_while_it_is_down_nothing_is_lost(alice: User, jar: Jar) -> None:
    payment = opened(alice)
    tricks.set_begins(SandboxWorld.Begins.DOWN)
    with pytest.raises(checkout.GatewayBusy):
        checkout.begin(payment, at=clock.now())
    assert not SandboxOrder.objects.exists()
    tricks.set_begins(SandboxWorld.Begins.WORKS)
    checkout.begin(payment, at=clock.now())


def test_a_remembered_card_is_charged_again(alice: User, jar: Jar) -> None:
    card = remembered_card(alice)
    again = opened(alice, minor=500)
    assert checkout.charge_again(again, card, at=clock.now()).state == State.PAID
    assert jar.done == [("fulfilled", 1000), ("fulfilled", 500)]


@pytest.mark.parametrize(
    ("will", "at_first", "at_last", "charges"),
    [
        (SandboxMethod.Next.DECLINES, State.FAILED, State.FAILED, 0),
        (SandboxMethod.Next.NO_ANSWER, State.UNKNOWN, State.PAID, 1),
        (SandboxMethod.Next.NO_EFFECT, State.UNKNOWN, State.PENDING, 0),
    ],
)
def test_a_remembered_card_behaves_as_told(
    alice: User, jar: Jar, will: Any, at_first: Any, at_last: Any, charges: Any
) -> None:
    card = remembered_card(alice)
    tricks.set_next_charge(SandboxMethod.objects.get(pk=card.reference), will)
    again = opened(alice, minor=500)
    assert checkout.charge_again(again, card, at=clock.now()).state == at_first
    assert looked_up(again).state == at_last
    assert SandboxOrder.objects.filter(reference=again.reference, charges=1).count() == charges
    assert jar.done.count(("fulfilled", 500)) == charges


def test_somebody_elses_card_is_not_charged(alice: User, bob: User, jar: Jar) -> None:
    card = remembered_card(alice)
    theirs = opened(bob, minor=500)
    assert checkout.charge_again(theirs, card, at=clock.now()).state == State.FAILED


def ask_back(payment: Payment, *, amount_minor: int = 300, key: str = "k1") -> Any:
    adapter = gateway_of("sandbox")
    assert adapter
    return adapter.refund(checkout.order_of(payment), amount_minor=amount_minor, key=key)


def paid(alice: User, jar: Jar) -> Any:
    payment = begun(alice)
    desk.pay(order_of(payment), at=clock.now())
    return looked_up(payment)


def test_a_refund_asked_for_twice_is_one(alice: User, jar: Jar) -> None:
    payment = paid(alice, jar)
    first, second = ask_back(payment), ask_back(payment)
    assert first == second
    assert first.rank == RefundRank.DONE
    assert order_of(payment).refunds.count() == 1
    with pytest.raises(Declined):
        ask_back(payment, amount_minor=701, key="k2")


def test_a_refund_without_an_answer_is_found_by_its_key(alice: User, jar: Jar) -> None:
    payment = paid(alice, jar)
    SandboxOrder.objects.update(refunding=SandboxOrder.Refunds.NO_ANSWER)
    with pytest.raises(NoAnswer):
        ask_back(payment)
    assert ask_back(payment).key == "k1"
    payment = looked_up(payment)
    assert payment.state == State.PARTLY_REFUNDED
    assert payment.returned_minor == 300


def test_a_refund_that_fails_later_is_given_again(alice: User, jar: Jar) -> None:
    payment, now = paid(alice, jar), clock.now()
    tricks.pay_back_all(order_of(payment), at=now)
    assert looked_up(payment).state == State.REFUNDED
    desk.fail_refunds(order_of(payment), at=now)
    assert looked_up(payment).state == State.PAID
    assert jar.done[-1] == ("reversed", 1000, 0)


def test_a_dispute_is_opened_once_and_decided(alice: User, jar: Jar) -> None:
    payment, now = paid(alice, jar), clock.now()
    desk.dispute(order_of(payment), at=now)
    desk.dispute(order_of(payment), at=now)
    assert order_of(payment).disputes.count() == 1
    assert looked_up(payment).frozen_at
    tricks.lose(order_of(payment), at=now)
    assert looked_up(payment).state == State.REFUNDED
    assert bank.left_of(order_of(payment)) == 1000


def test_switched_off_it_is_not_there(client: Client, alice: User, jar: Jar, settings: Any) -> None:
    payment = begun(alice)
    settings.SANDBOX = False
    make.enter(client, alice)
    assert client.get(f"/sandbox/checkout/{payment.gateway_ref}").status_code == 404
    with pytest.raises(GatewayGone):
        looked_up(payment)
