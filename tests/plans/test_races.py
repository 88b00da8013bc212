"""Many at once, on both engines: one subscription, one charge, one grant."""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connections

from atrium.kit import clock as kit_clock
from atrium.ledger.queries import balance_of, first_difference
from atrium.payments.checkout import order_of
from atrium.payments.learning import learn
from atrium.payments.models import Payment
from atrium.people.models import User
from atrium.plans import allowances
from atrium.plans.actions import renewal
from atrium.plans.actions.allowances import AllowanceReached, use_allowance
from atrium.plans.actions.choosing import cancel, choose, pay_now
from atrium.plans.models import Allowance, AllowanceUse, Period, Subscription
from atrium.plans.queries import plan_of
from tests import make
from tests.plans.till import Till, mine_of, order, plan, shown, subscribed, work

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 8
CREDIT = 1_000_000


def at_once(count: int, do: Callable[[int], Any]) -> list[Any]:
    """Do it in so many threads, begun together; return what each came to, or its exception."""
    barrier = Barrier(count)
    found: list[Any] = [None] * count

    def run(number: int) -> None:
        try:
            barrier.wait()
            found[number] = do(number)
        except Exception as trouble:
            found[number] = trouble
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def troubles(found: list[Any]) -> list[Exception]:
    return [one for one in found if isinstance(one, Exception)]


def test_checkouts_paid_at_once_make_one_subscription(till: Till, clock: Any, alice: User) -> None:
    payments = []
    for _number in range(AT_ONCE):
        clock.forward(seconds=1)
        payment = order(alice, "premium_starter")
        assert payment
        payments.append(payment)
    standings = [till.paid(order_of(payment)) for payment in payments]

    def pay(number: int) -> None:
        learn(payment=payments[number], standing=standings[number], at=clock.now)

    assert troubles(at_once(AT_ONCE, pay)) == []
    work()
    assert Subscription.objects.count() == Period.objects.count() == 1
    assert sum(payment.refunds.count() for payment in payments) == AT_ONCE - 1
    assert balance_of(f"person:{alice.pk}") == 50 * CREDIT
    assert first_difference() is None


def test_a_renewal_attended_to_at_once_is_charged_once(till: Till, clock: Any, alice: User) -> None:
    clock.now = datetime(2027, 1, 31, 12, 0, tzinfo=UTC)
    mine = subscribed(alice, till)
    clock.now = datetime(2027, 2, 28, 12, 0, tzinfo=UTC)

    def attend(_number: int) -> None:
        renewal.attend(subscription=mine, at=kit_clock.now())

    assert troubles(at_once(AT_ONCE, attend)) == []
    work()
    assert till.charged == [999]
    assert Payment.objects.count() == 2
    assert balance_of(f"person:{alice.pk}") == 100 * CREDIT


def test_one_preview_confirmed_at_once_is_one_payment(till: Till, clock: Any, alice: User) -> None:
    seal = shown(alice, "premium_pro").sealed(person_id=alice.pk)

    def confirm(_number: int) -> Any:
        payment = choose(by=make.caller(alice), seal=seal, gateway="till", at=clock.now)
        assert payment
        return payment.pk

    assert len(set(at_once(AT_ONCE, confirm))) == 1
    assert Payment.objects.count() == 1


def test_upgrades_paid_at_once_count_once(till: Till, clock: Any, alice: User) -> None:
    subscribed(alice, till)
    payments = [order(alice, slug) for slug in ("premium_pro", "premium_ultra", "unlimited")]

    def pay(number: int) -> None:
        payment = payments[number]
        assert payment
        till.pay(payment)

    assert troubles(at_once(3, pay)) == []
    work()
    back = [payment.refunds.count() for payment in payments if payment]
    assert sorted(back) == [0, 1, 1]
    assert Period.objects.filter(kind=Period.Kind.UPGRADE).count() == 1


def test_paying_by_hand_and_the_clock_at_once_opens_one_payment(
    till: Till, clock: Any, alice: User
) -> None:
    clock.now = datetime(2027, 1, 1, 12, 0, tzinfo=UTC)
    mine = subscribed(alice, till)
    till.card = "declines"
    clock.now = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)
    work()
    clock.now = datetime(2027, 2, 2, 12, 0, tzinfo=UTC)

    def either(number: int) -> None:
        if number % 2:
            pay_now(by=make.caller(alice), at=clock.now)
        else:
            renewal.attend(subscription=mine, at=clock.now)

    at_once(AT_ONCE, either)
    opened = Payment.objects.filter(snapshot__kind="renewal").order_by("opened_at")
    assert [one.state for one in opened] == ["failed", "pending"]


def test_who_cancels_while_it_renews_has_one_of_both(till: Till, clock: Any, alice: User) -> None:
    clock.now = datetime(2027, 1, 1, 12, 0, tzinfo=UTC)
    mine = subscribed(alice, till)
    clock.now = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)

    def either(number: int) -> None:
        if number:
            cancel(by=make.caller(alice), now=True, at=clock.now)
        else:
            renewal.attend(subscription=mine, at=clock.now)

    assert troubles(at_once(2, either)) == []
    work()
    assert not mine_of(alice).is_live
    # Charged or not, nobody has paid for a month that they do not get.
    paid = Payment.objects.filter(snapshot__kind="renewal", fulfilled_at__isnull=False)
    assert all(one.refunds.count() == 1 for one in paid)
    assert plan_of(make.caller(alice)).slug == "basic"


def test_an_allowance_of_ten_is_used_ten_times(till: Till, clock: Any, alice: User) -> None:
    allowances.register(allowances.Deed("x", "X", str))
    Allowance.objects.create(plan=plan("basic"), action="x", per_month=10)

    def use(_number: int) -> None:
        use_allowance(by=make.caller(alice), action="x", at=clock.now)

    found = at_once(32, use)
    allowances.forget("x")
    assert [type(one) for one in troubles(found)] == [AllowanceReached] * 22
    assert AllowanceUse.objects.get().used == 10
