"""The Sandbox as an enemy, over real HTTP against a served house with a worker.

After each, the Sandbox's journal, our payments, what was given and the books agree.
"""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from django.db import connections

from atrium.kit import clock
from atrium.payments import checkout, purposes
from atrium.payments.actions import ask_refund
from atrium.payments.gateways.sandbox import bank, desk, telling, tricks
from atrium.payments.models import (
    Payment,
    SandboxMethod,
    SandboxOrder,
    SandboxWorld,
    WebhookEvent,
)
from atrium.payments.states import State
from tests import make
from tests.payments.through_sandbox import (
    Pot,
    begun,
    differences,
    opened,
    order_of,
    reconcile,
    remembered_card,
    until,
    until_told,
)

pytestmark = pytest.mark.django_db(transaction=True)
PLAIN: dict[str, Any] = {
    "tells": SandboxOrder.Telling.ONCE,
    "refunding": SandboxOrder.Refunds.WORK,
    "lie": tricks.Lie.NOTHING,
}


@pytest.fixture(autouse=True)
def pot(server: str) -> Iterator[Pot]:
    pot = Pot()
    purposes.register(pot)
    yield pot
    purposes.forget("jar")


@pytest.fixture
def payer() -> Any:
    return make.person(username="payer")


def arranged(payer: Any, **choices: Any) -> tuple[Payment, SandboxOrder]:
    """Begin a payment whose order will misbehave as told."""
    payment = begun(payer)
    order = order_of(payment)
    tricks.arrange(order, **PLAIN | choices)
    return payment, order


def stands(payment: Payment) -> str:
    payment.refresh_from_db()
    return payment.state


def test_a_webhook_alone_brings_what_was_paid(payer: Any) -> None:
    payment, order = arranged(payer)
    desk.pay(order, at=clock.now())
    until_told()
    assert stands(payment) == State.PAID
    assert set(order.deliveries.values_list("state", "answer")) == {("delivered", "200")}
    assert differences() == []


def test_what_is_given_twice_is_noticed(payer: Any, pot: Any) -> None:
    payment, order = arranged(payer)
    desk.pay(order, at=clock.now())
    until_told()
    payment.refresh_from_db()
    assert differences() == []
    payment.version += 1  # a bug, planted: the same money gives once more, under another key
    pot.fulfil(payment, at=clock.now())
    assert len(differences()) == 1


def test_doubled_deliveries_are_kept_once_and_give_once(payer: Any) -> None:
    payment, order = arranged(payer, tells=SandboxOrder.Telling.DOUBLED)
    desk.pay(order, at=clock.now())
    tricks.repeat(order, at=clock.now())
    until_told()
    assert stands(payment) == State.PAID
    assert WebhookEvent.objects.count() == order.deliveries.count() == 2
    assert differences() == []


def test_what_comes_in_reverse_order_ends_the_same(payer: Any) -> None:
    payment, order = arranged(payer, tells=SandboxOrder.Telling.SHUFFLED)
    now = clock.now()
    desk.pay(order, at=now)
    desk.dispute(order, at=now)
    tricks.win(order, at=now)
    bank.pay_back(order, amount_minor=400, at=now)
    telling.send_soon(order, at=now)
    until_told()
    came = list(WebhookEvent.objects.order_by("id").values_list("kind", flat=True))
    assert came[0] == "refund.done"
    assert came[-1] == "order.authorised"
    assert stands(payment) == State.PARTLY_REFUNDED
    assert differences() == []


def test_what_no_webhook_told_the_reconciler_finds(payer: Any) -> None:
    payment, order = arranged(payer, tells=SandboxOrder.Telling.LOST)
    desk.pay(order, at=clock.now())
    assert stands(payment) == State.PENDING
    assert len(differences()) == 1  # what compares them notices
    reconcile()
    assert stands(payment) == State.PAID
    assert differences() == []


def test_paid_late_after_it_was_cancelled_is_given_once(payer: Any) -> None:
    payment, order = arranged(payer)
    desk.cancel(order, at=clock.now())
    until_told()
    assert stands(payment) == State.CANCELLED
    desk.pay(order, at=clock.now())
    until_told()
    assert stands(payment) == State.PAID
    assert differences() == []


def test_what_is_forged_or_unsigned_is_refused_and_gives_nothing(payer: Any) -> None:
    payment, order = arranged(payer)
    tricks.forge(order, at=clock.now())
    tricks.say_unsigned(order, at=clock.now())
    until_told()
    assert set(order.deliveries.values_list("state", "answer")) == {("refused", "400")}
    assert not WebhookEvent.objects.filter(is_signed=True).exists()
    assert stands(payment) == State.PENDING
    assert differences() == []


@pytest.mark.parametrize("lie", [lie for lie in tricks.Lie if lie])
def test_what_does_not_equal_our_order_gives_nothing(payer: Any, lie: Any) -> None:
    other = begun(make.person(username="other"))
    desk.pay(order_of(other), at=clock.now())
    until_told()
    payment, order = arranged(payer, lie=lie)
    desk.pay(order, at=clock.now())
    until_told()
    reconcile()
    assert stands(payment) == State.PENDING
    assert payment.needs_look
    assert stands(other) == State.PAID
    assert differences() == []


def test_a_delivery_that_names_anothers_order_pays_nothing(payer: Any) -> None:
    theirs = begun(make.person(username="other"))
    payment, order = arranged(payer)
    tricks.name_another(order, at=clock.now())
    until_told()
    assert stands(theirs) == stands(payment) == State.PENDING
    desk.pay(order_of(theirs), at=clock.now())
    tricks.name_another(order, at=clock.now())
    until_told()
    assert (stands(theirs), stands(payment)) == (State.PAID, State.PENDING)
    assert differences() == []


def test_an_order_begun_without_an_answer_is_paid_once(payer: Any) -> None:
    payment = opened(payer)
    tricks.set_begins(SandboxWorld.Begins.NO_ANSWER)
    with pytest.raises(checkout.GatewayBusy):
        checkout.begin(payment, at=clock.now())
    checkout.begin(payment, at=clock.now())
    desk.pay(order_of(payment), at=clock.now())
    until_told()
    assert stands(payment) == State.PAID
    assert SandboxOrder.objects.count() == 1
    assert differences() == []


def test_a_charge_without_an_answer_is_found_and_not_repeated(payer: Any) -> None:
    card = remembered_card(payer)
    kept = SandboxMethod.objects.get(pk=card.reference)
    tricks.set_next_charge(kept, SandboxMethod.Next.NO_ANSWER)
    payment = opened(payer)
    checkout.charge_again(payment, card, at=clock.now())
    checkout.charge_again(payment, card, at=clock.now())
    until_told()
    reconcile()
    assert stands(payment) == State.PAID
    assert differences() == []


@pytest.mark.parametrize(
    ("refunding", "state"),
    [
        (SandboxOrder.Refunds.WORK, State.PARTLY_REFUNDED),
        (SandboxOrder.Refunds.NO_ANSWER, State.PARTLY_REFUNDED),
        (SandboxOrder.Refunds.DECLINED, State.PAID),
        (SandboxOrder.Refunds.FAIL_LATER, State.PAID),
    ],
)
def test_a_refund_that_we_ask_for_goes_back_once(payer: Any, refunding: Any, state: str) -> None:
    payment, order = arranged(payer, refunding=refunding)
    desk.pay(order, at=clock.now())
    until_told()
    payment.refresh_from_db()
    staff = make.caller(make.admin())
    refund = ask_refund(
        payment=payment, amount_minor=300, by=staff, reason="They asked.", at=clock.now()
    )

    def is_over() -> bool:
        reconcile()
        refund.refresh_from_db()
        return refund.ended_at is not None

    until(is_over, what="the end of the refund")
    if refunding == SandboxOrder.Refunds.FAIL_LATER:
        desk.fail_refunds(order, at=clock.now())
    until_told()
    reconcile()
    assert stands(payment) == state
    assert order.refunds.count() == (refunding != SandboxOrder.Refunds.DECLINED)
    assert differences() == []


def test_what_the_sandbox_gives_back_by_itself_is_taken_back(payer: Any) -> None:
    payment, order = arranged(payer)
    now = clock.now()
    desk.pay(order, at=now)
    bank.pay_back(order, amount_minor=250, at=now)
    until_told()
    assert stands(payment) == State.PARTLY_REFUNDED
    tricks.pay_back_all(order, at=now)
    until_told()
    assert stands(payment) == State.REFUNDED
    assert differences() == []


@pytest.mark.parametrize(
    ("decide", "state"), [(tricks.win, State.PAID), (tricks.lose, State.REFUNDED)]
)
def test_a_dispute_is_followed_to_its_end(payer: Any, decide: Any, state: str) -> None:
    payment, order = arranged(payer)
    desk.pay(order, at=clock.now())
    desk.dispute(order, at=clock.now())
    until_told()
    assert stands(payment) == State.PAID
    assert payment.frozen_at
    decide(order, at=clock.now())
    until_told()
    assert stands(payment) == state
    assert payment.frozen_at is None
    assert differences() == []


def test_many_at_once_behaving_anyhow_end_as_the_journal_says(payer: Any) -> None:
    told = random.Random(9)
    begun_ones = [(begun(payer), told.randrange(1 << 30)) for _number in range(24)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda pair: _behave_anyhow(*pair), begun_ones))
    for order in SandboxOrder.objects.all():
        telling.send_soon(order, at=clock.now())
    until_told()
    reconcile()
    assert differences() == []


def _behave_anyhow(payment: Payment, seed: int) -> None:
    told, now = random.Random(seed), clock.now()
    order = order_of(payment)
    lies = [tricks.Lie.NOTHING] * 8 + list(tricks.Lie)
    tricks.arrange(
        order,
        tells=told.choice(list(SandboxOrder.Telling)),
        refunding=SandboxOrder.Refunds.WORK,
        lie=told.choice(lies),
    )
    deeds: list[Any] = [desk.pay, desk.pay, desk.pay_later, desk.cancel]
    more: list[Any] = [_part, desk.dispute, tricks.win, tricks.lose, desk.fail_refunds]
    last: list[Any] = [tricks.forge, tricks.repeat, telling.send_soon]
    try:
        told.choice(deeds)(order, at=now)
        if order.state == SandboxOrder.State.PAID:
            for _time in range(told.randrange(4)):
                told.choice(more)(order, at=now)
                told.choice(last)(order, at=now)
    finally:
        connections.close_all()


def _part(order: SandboxOrder, *, at: datetime) -> None:
    try:
        bank.pay_back(order, amount_minor=300, at=at)
    except bank.Refused:
        assert bank.left_of(order) < 300
