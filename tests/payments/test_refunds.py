from typing import Any

import pytest

from atrium.jobs.inline import run_due
from atrium.ledger.queries import first_difference
from atrium.notifications.models import Notification
from atrium.options.actions import set_option
from atrium.payments.actions import CannotPayBack, NotYours, RefundIsOver, TooMuchBack, ask_refund
from atrium.payments.actions import refunds as verbs
from atrium.payments.learning import learn
from atrium.payments.models import Payment, Refund
from atrium.payments.states import DisputeFact, DisputeRank, RefundFact, RefundRank, State
from atrium.people.caller import NOBODY
from atrium.people.models import User
from tests import make
from tests.conftest import Clock
from tests.payments.conftest import Counter, Jar
from tests.payments.knocking import begun, standing_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance(db: None) -> Any:
    return make.person(username="fiona", staff_areas=["finance"])


@pytest.fixture
def second(db: None) -> Any:
    return make.person(username="second", staff_areas=["finance"])


def paid(alice: User, counter: Counter, clock: Clock, **more: Any) -> Payment:
    payment = begun(alice, at=clock.now, **more)
    counter.says = standing_of(payment)
    return learn(payment=payment, standing=counter.says, at=clock.now)


def asked(payment: Payment, by: User, clock: Clock, amount: int = 1000) -> Refund:
    return ask_refund(
        payment=payment,
        amount_minor=amount,
        by=make.caller(by),
        reason="They asked for it.",
        at=clock.now,
    )


def state_of(payment: Payment) -> str:
    payment.refresh_from_db()
    return payment.state


def test_what_goes_back_is_asked_of_the_gateway_once_and_reversed(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = paid(alice, counter, clock)
    refund = asked(payment, finance, clock)
    run_due(at=clock.now)
    assert counter.refunds == [(refund.pk.hex, 1000)]
    assert state_of(payment) == State.REFUNDED
    assert jar.done == [("fulfilled", 1000), ("reversed", 0, 1000)]
    run_due(at=clock.forward(days=2))
    assert len(counter.refunds) == 1
    assert first_difference() is None


def test_parts_go_back_one_by_one_and_never_more_than_came(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = paid(alice, counter, clock)
    asked(payment, finance, clock, 300)
    run_due(at=clock.now)
    assert state_of(payment) == State.PARTLY_REFUNDED
    asked(payment, finance, clock, 600)
    for amount in (101, 0, -5, 10**30):
        with pytest.raises(TooMuchBack):
            asked(payment, finance, clock, amount)
    run_due(at=clock.now)
    assert jar.done[1:] == [("reversed", 0, 300), ("reversed", 300, 900)]


def test_without_an_answer_it_is_asked_about_before_it_is_asked_for_again(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = paid(alice, counter, clock)
    refund = asked(payment, finance, clock)
    counter.is_down = True
    run_due(at=clock.now)
    refund.refresh_from_db()
    assert (refund.rank, refund.tries) == (RefundRank.ASKED, 1)
    counter.is_down = False
    done = RefundFact("theirs", 1000, RefundRank.DONE)
    counter.says = standing_of(payment, refunds=(done,))
    run_due(at=clock.forward(days=1))
    refund.refresh_from_db()
    assert (refund.rank, refund.reference) == (RefundRank.DONE, "theirs")
    assert counter.refunds == []
    assert state_of(payment) == State.REFUNDED


def test_what_had_no_effect_is_asked_for_again_under_the_same_key(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = paid(alice, counter, clock)
    refund = asked(payment, finance, clock)
    counter.is_down = True
    run_due(at=clock.now)
    counter.is_down = False
    run_due(at=clock.forward(days=1))
    assert counter.refunds == [(refund.pk.hex, 1000)]
    assert state_of(payment) == State.REFUNDED


def test_one_that_dies_in_the_middle_of_the_call_looks_first(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = paid(alice, counter, clock)
    refund = asked(payment, finance, clock)
    Refund.objects.filter(pk=refund.pk).update(tries=1, called_at=clock.now)
    done = RefundFact("theirs", 1000, RefundRank.DONE, refund.pk.hex)
    counter.says = standing_of(payment, refunds=(done,))
    run_due(at=clock.now)
    assert counter.refunds == []
    assert state_of(payment) == State.REFUNDED


def test_a_refund_that_the_gateway_declines_is_told_and_nothing_is_reversed(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = paid(alice, counter, clock)
    refund = asked(payment, finance, clock)
    counter.declines = "The account is closed."
    run_due(at=clock.now)
    refund.refresh_from_db()
    assert (refund.rank, refund.why) == (RefundRank.FAILED, "The account is closed.")
    assert state_of(payment) == State.PAID
    assert jar.done == [("fulfilled", 1000)]
    told = Notification.objects.get(person=finance, kind="payments.refund_declined")
    assert str(payment.pk) in told.url
    counter.declines = ""
    asked(payment, finance, clock)
    run_due(at=clock.now)
    assert state_of(payment) == State.REFUNDED


def test_a_refund_that_succeeded_and_fails_later_is_given_back_exactly(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = paid(alice, counter, clock)
    refund = asked(payment, finance, clock, 400)
    run_due(at=clock.now)
    failed = RefundFact(f"r-{refund.pk.hex}", 400, RefundRank.FAILED)
    learn(payment=payment, standing=standing_of(payment, refunds=(failed,)), at=clock.now)
    assert state_of(payment) == State.PAID
    assert jar.done[1:] == [("reversed", 0, 400), ("reversed", 400, 0)]
    assert first_difference() is None


def test_above_an_amount_two_people_have_to_say_so(
    alice: User, finance: User, second: Any, counter: Counter, jar: Jar, clock: Clock
) -> None:
    set_option(key="payments.refund_alone_most", text="9", by="system", at=clock.now)
    payment = paid(alice, counter, clock)
    small = asked(payment, finance, clock, 100)
    large = asked(payment, finance, clock, 900)
    assert (small.needs_second, large.needs_second) == (False, False)
    verbs.call_off_refund(refund=large, by=make.caller(finance), reason="x", at=clock.now)
    other = paid(alice, counter, clock, key="two", minor=2000)
    large = asked(other, finance, clock, 1000)
    assert large.needs_second
    run_due(at=clock.now)
    assert [amount for _key, amount in counter.refunds] == [100]
    with pytest.raises(NotYours):
        verbs.approve_refund(refund=large, by=make.caller(finance), at=clock.now)
    verbs.approve_refund(refund=large, by=make.caller(second), at=clock.now)
    with pytest.raises(RefundIsOver):
        verbs.approve_refund(refund=large, by=make.caller(second), at=clock.now)
    run_due(at=clock.now)
    assert [amount for _key, amount in counter.refunds] == [100, 1000]


def test_what_the_house_pays_back_by_itself_needs_nobody(
    alice: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = paid(alice, counter, clock, minor=60_000)
    refund = ask_refund(
        payment=payment, amount_minor=60_000, by=NOBODY, reason="Twice.", at=clock.now
    )
    assert not refund.needs_second
    run_due(at=clock.now)
    assert state_of(payment) == State.REFUNDED


def test_one_that_was_not_sent_can_be_called_off(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = paid(alice, counter, clock)
    refund = asked(payment, finance, clock)
    verbs.call_off_refund(refund=refund, by=make.caller(finance), reason="No.", at=clock.now)
    run_due(at=clock.now)
    assert counter.refunds == []
    asked(payment, finance, clock)
    run_due(at=clock.now)
    last = payment.refunds.get(rank=RefundRank.DONE)
    with pytest.raises(RefundIsOver):
        verbs.call_off_refund(refund=last, by=make.caller(finance), reason="x", at=clock.now)


def test_a_gateway_that_cannot_is_not_asked(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = paid(alice, counter, clock)
    counter.can_refund = False
    with pytest.raises(CannotPayBack):
        asked(payment, finance, clock)


def test_what_is_disputed_is_not_paid_back_as_well(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = paid(alice, counter, clock)
    opened = (DisputeFact("d", 1000, DisputeRank.OPENED),)
    learn(payment=payment, standing=standing_of(payment, disputes=opened), at=clock.now)
    with pytest.raises(CannotPayBack):
        asked(payment, finance, clock)
    assert Notification.objects.filter(person=finance, kind="payments.disputed").count() == 1


def test_two_parts_of_one_amount_are_told_apart(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = paid(alice, counter, clock)
    first, second = asked(payment, finance, clock, 300), asked(payment, finance, clock, 300)
    run_due(at=clock.now)
    facts = (
        RefundFact(f"r-{second.pk.hex}", 300, RefundRank.DONE),
        RefundFact(f"r-{first.pk.hex}", 300, RefundRank.DONE),
        RefundFact("made there", 300, RefundRank.DONE),
    )
    learn(payment=payment, standing=standing_of(payment, refunds=facts), at=clock.now)
    payment.refresh_from_db()
    assert payment.returned_minor == 900
    assert payment.refunds.count() == 3
