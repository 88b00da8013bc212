from typing import Any

import pytest

from atrium.jobs.inline import run_due
from atrium.ledger.models import Entry
from atrium.notifications.models import Notification
from atrium.payments.actions import judging
from atrium.payments.learning import learn
from atrium.payments.models import Payment
from atrium.payments.states import Progress, RefundFact, RefundRank, State
from atrium.people.models import User
from tests import make
from tests.conftest import Clock
from tests.payments.conftest import Counter, Jar
from tests.payments.knocking import begun, standing_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance(db: None) -> Any:
    return make.person(username="fiona", staff_areas=["finance"])


def odd(alice: User, counter: Counter, clock: Clock, **differs: Any) -> Payment:
    payment = begun(alice, at=clock.now)
    counter.says = standing_of(payment, **differs)
    return learn(payment=payment, standing=counter.says, at=clock.now)


def judged(verb: Any, payment: Payment, finance: User, clock: Clock) -> Any:
    return verb(payment=payment, by=make.caller(finance), reason="I rang them.", at=clock.now)


def test_finance_is_told_once_of_what_does_not_fit(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = odd(alice, counter, clock, amount_minor=900)
    assert counter.says is not None
    learn(payment=payment, standing=counter.says, at=clock.now)
    assert Notification.objects.filter(person=finance, kind="payments.needs_look").count() == 1
    assert payment.differing["amount_minor"] == 900


def test_another_payer_may_be_taken_for_ours(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = odd(alice, counter, clock, payer="guest:somebody")
    judged(judging.take_as_it_is, payment, finance, clock)
    run_due(at=clock.now)
    payment.refresh_from_db()
    assert (payment.state, payment.needs_look) == (State.PAID, "")
    assert jar.done == [("fulfilled", 1000)]


@pytest.mark.parametrize(
    "differs",
    [{"amount_minor": 900}, {"currency": "EUR"}, {"merchant": "them"}, {"reference": "0" * 32}],
)
def test_other_money_is_never_taken_for_ours(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock, differs: Any
) -> None:
    payment = odd(alice, counter, clock, **differs)
    with pytest.raises(judging.NothingToJudge):
        judged(judging.take_as_it_is, payment, finance, clock)


def test_what_was_taken_for_ours_is_just_that_and_nothing_else(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = odd(alice, counter, clock, payer="guest:somebody")
    judged(judging.take_as_it_is, payment, finance, clock)
    counter.says = standing_of(payment, payer="guest:another")
    run_due(at=clock.now)
    payment.refresh_from_db()
    assert (payment.state, payment.needs_look) == (State.PENDING, "person")
    assert jar.done == []


def test_too_little_goes_back_and_gives_nothing(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = odd(alice, counter, clock, amount_minor=900)
    refund = judged(judging.send_back, payment, finance, clock)
    run_due(at=clock.now)
    refund.refresh_from_db()
    payment.refresh_from_db()
    assert counter.refunds == [(refund.pk.hex, 900)]
    assert refund.rank == RefundRank.DONE
    assert (payment.state, payment.needs_look) == (State.CANCELLED, "")
    counter.says = standing_of(
        payment, amount_minor=900, refunds=(RefundFact("r", 900, RefundRank.DONE),)
    )
    assert counter.says is not None
    learn(payment=payment, standing=counter.says, at=clock.now)
    payment.refresh_from_db()
    assert (payment.state, payment.needs_look) == (State.CANCELLED, "")
    assert jar.done == [("dropped",)]
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "differs",
    [
        {"currency": "EUR"},
        {"reference": "0" * 32},
        {"merchant": "them"},
        {"amount_minor": 900, "progress": Progress.PROCESSING},
    ],
)
def test_what_may_be_somebody_elses_is_not_sent_back(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock, differs: Any
) -> None:
    payment = odd(alice, counter, clock, **differs)
    with pytest.raises(judging.NothingToJudge):
        judged(judging.send_back, payment, finance, clock)


def test_what_was_dealt_with_is_not_shown_again_until_it_changes(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = odd(alice, counter, clock, currency="EUR", progress=Progress.PROCESSING)
    judged(judging.be_done_with, payment, finance, clock)
    assert counter.says is not None
    learn(payment=payment, standing=counter.says, at=clock.now)
    payment.refresh_from_db()
    assert payment.needs_look == ""
    counter.says = standing_of(payment, currency="EUR")
    assert counter.says is not None
    learn(payment=payment, standing=counter.says, at=clock.now)
    payment.refresh_from_db()
    assert payment.needs_look == "currency"


def test_the_right_answer_after_a_wrong_one_counts(
    alice: User, finance: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = odd(alice, counter, clock, amount_minor=1)
    learn(payment=payment, standing=standing_of(payment), at=clock.now)
    payment.refresh_from_db()
    assert payment.state == State.PAID
    assert jar.done == [("fulfilled", 1000)]
