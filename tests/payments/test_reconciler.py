from datetime import timedelta

import pytest

from atrium.jobs.inline import run_due
from atrium.payments import checkout, health
from atrium.payments.actions import reconciling
from atrium.payments.gateways.protocol import NoAnswer
from atrium.payments.models import GatewayHealth, Payment, SavedMethod
from atrium.payments.states import DisputeFact, DisputeRank, Progress, RefundFact, RefundRank, State
from atrium.people.models import User
from tests.conftest import Clock
from tests.payments.conftest import Counter, Jar
from tests.payments.knocking import a_payment, begun, standing_of

pytestmark = pytest.mark.django_db


def state_of(payment: Payment) -> str:
    payment.refresh_from_db()
    return payment.state


def looked_at_until(clock: Clock, *, hours: float) -> None:
    """Let the time pass, as the worker would see it."""
    for _step in range(int(hours * 4)):
        reconciling.look_at_due(at=clock.forward(minutes=15))


def test_what_no_webhook_told_is_found_by_asking(
    alice: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = begun(alice, at=clock.now)
    counter.says = standing_of(payment)
    reconciling.look_at_due(at=clock.forward(minutes=1))
    assert state_of(payment) == State.PAID
    assert jar.done == [("fulfilled", 1000)]


def test_beginning_a_checkout_has_it_looked_at_soon(
    alice: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = a_payment(alice, at=clock.now)
    checkout.begin(payment, at=clock.now)
    payment.refresh_from_db()
    assert payment.look_next_at == clock.now + timedelta(seconds=20)


def test_one_that_stays_unpaid_is_given_up_and_still_counts_when_paid_late(
    alice: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = begun(alice, at=clock.now)
    counter.says = standing_of(payment, progress=Progress.CREATED)
    looked_at_until(clock, hours=25)
    assert state_of(payment) == State.CANCELLED
    assert jar.done == [("dropped",)]
    counter.says = standing_of(payment)
    looked_at_until(clock, hours=25)
    assert state_of(payment) == State.PAID
    assert jar.done == [("dropped",), ("fulfilled", 1000)]


def test_one_that_nobody_began_is_given_up_without_a_call(
    alice: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = a_payment(alice, at=clock.now)
    looked_at_until(clock, hours=25)
    assert state_of(payment) == State.CANCELLED
    assert counter.looks == 0
    assert payment.look_next_at is None


def test_while_a_gateway_is_down_nothing_is_decided_and_it_is_seldom_asked(
    alice: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = begun(alice, at=clock.now)
    counter.is_down = True
    for _step in range(60 * 30):
        reconciling.look_at_due(at=clock.forward(minutes=1))
    assert state_of(payment) == State.PENDING
    assert counter.looks < 30
    counter.is_down, counter.says = False, standing_of(payment)
    looked_at_until(clock, hours=7)
    assert state_of(payment) == State.PAID
    assert GatewayHealth.objects.get(slug="counter").failures == 0


def test_a_down_gateway_is_not_stormed_by_many_payments(
    alice: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    for number in range(20):
        begun(alice, key=str(number), at=clock.now)
    counter.is_down = True
    reconciling.look_at_due(at=clock.forward(minutes=1))
    assert counter.looks == health.MOST_FAILURES
    reconciling.look_at_due(at=clock.forward(seconds=5))
    assert counter.looks == health.MOST_FAILURES
    reconciling.look_at_due(at=clock.forward(minutes=1))
    assert counter.looks == health.MOST_FAILURES + 1


def charged_without_answer(alice: User, counter: Counter, clock: Clock) -> Payment:
    payment = a_payment(alice, at=clock.now)
    method = SavedMethod(person=alice, gateway="counter", label="A card", made_at=clock.now)
    method.reference = "card-1"
    method.save()
    counter.is_down = True
    payment = checkout.charge_again(payment, method, at=clock.now)
    counter.is_down = False
    assert payment.state == State.UNKNOWN
    return payment


def test_a_charge_that_had_its_effect_is_found(
    alice: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = charged_without_answer(alice, counter, clock)
    counter.says = standing_of(payment)
    looked_at_until(clock, hours=1)
    assert state_of(payment) == State.PAID
    assert counter.charges == [payment.reference]


def test_a_charge_that_the_gateway_never_heard_of_failed(
    alice: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = charged_without_answer(alice, counter, clock)
    reconciling.look_at_due(at=clock.forward(minutes=1))
    assert state_of(payment) == State.UNKNOWN
    looked_at_until(clock, hours=1)
    assert state_of(payment) == State.FAILED


def test_refunds_and_disputes_whose_hooks_were_lost_are_found(
    alice: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = begun(alice, at=clock.now)
    counter.says = standing_of(payment)
    looked_at_until(clock, hours=1)
    part = (RefundFact("r", 400, RefundRank.DONE),)
    counter.says = standing_of(payment, refunds=part)
    looked_at_until(clock, hours=26)
    assert state_of(payment) == State.PARTLY_REFUNDED
    lost = (DisputeFact("d", 1000, DisputeRank.LOST),)
    counter.says = standing_of(payment, refunds=part, disputes=lost)
    looked_at_until(clock, hours=26)
    assert state_of(payment) == State.REFUNDED


def test_a_paid_one_is_looked_at_seldom_and_at_last_no_more(
    alice: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = begun(alice, at=clock.now)
    counter.says = standing_of(payment)
    for _day in range(200):
        reconciling.look_at_due(at=clock.forward(days=1))
    assert counter.looks < 12
    assert state_of(payment) == State.PAID
    assert payment.look_next_at is None


def test_one_under_way_for_a_month_is_shown_to_somebody(
    alice: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = begun(alice, at=clock.now)
    counter.says = standing_of(payment, progress=Progress.PROCESSING)
    for _day in range(32):
        reconciling.look_at_due(at=clock.forward(days=1))
    assert state_of(payment) == State.PROCESSING
    assert payment.needs_look == "under way"


def test_two_that_look_at_once_ask_once(
    alice: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = begun(alice, at=clock.now)
    counter.says = standing_of(payment)
    at = clock.forward(minutes=1)
    stale = Payment.objects.get(pk=payment.pk)
    reconciling.look_at_due(at=at)
    assert not reconciling._claim(stale, at=at)


def test_a_hint_is_followed_once_in_a_moment(
    alice: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    payment = begun(alice, at=clock.now)
    counter.says = standing_of(payment)
    for _time in range(5):
        reconciling.hint(payment=payment, at=clock.now)
    run_due(at=clock.now)
    assert counter.looks == 1
    assert state_of(payment) == State.PAID


def test_the_page_hears_of_a_gateway_that_is_down(
    alice: User, counter: Counter, jar: Jar, clock: Clock
) -> None:
    counter.is_down = True
    with pytest.raises(NoAnswer):
        reconciling.look_at(payment=begun(alice, at=clock.now), at=clock.now)
    assert GatewayHealth.objects.get(slug="counter").failures == 1
