"""What a plan's payment gave is taken with the money, in whatever order that is told."""

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from atrium.ledger.actions import Move, post
from atrium.ledger.models import Account
from atrium.ledger.queries import balance_of, first_difference, owed_by
from atrium.payments.models import Payment
from atrium.payments.states import DisputeFact, DisputeRank, RefundFact, RefundRank
from atrium.people.models import User
from atrium.plans.models import Subscription
from atrium.plans.queries import plan_of
from tests import make
from tests.plans.till import Till, mine_of, order, subscribed, work

CREDIT = 1_000_000
_Why = Subscription.Why


def slug_of(person: User) -> str:
    return plan_of(make.caller(person)).slug


def credits_of(person: User) -> int:
    return balance_of(f"person:{person.pk}") // CREDIT


def paid_of(person: User) -> Payment:
    found: Payment = Payment.objects.filter(person=person).latest("opened_at")
    return found


def back(amount: int, rank: RefundRank = RefundRank.DONE, name: str = "r") -> RefundFact:
    return RefundFact(name, amount, rank)


def fought(rank: DisputeRank, amount: int = 999) -> DisputeFact:
    return DisputeFact("d", amount, rank)


def test_a_plan_ends_with_its_money(till: Till, clock: Any, alice: User) -> None:
    subscribed(alice, till)
    till.pay(paid_of(alice), refunds=(back(999),))
    till.pay(paid_of(alice), refunds=(back(999),))
    assert slug_of(alice) == "basic"
    assert mine_of(alice).ended_why == _Why.REFUNDED
    assert credits_of(alice) == 0
    assert first_difference() is None


def test_a_part_that_goes_back_takes_its_share_of_the_credits_alone(
    till: Till, clock: Any, alice: User
) -> None:
    subscribed(alice, till)
    till.pay(paid_of(alice), refunds=(back(333),))
    assert slug_of(alice) == "premium_starter"
    assert balance_of(f"person:{alice.pk}") == 50 * CREDIT - 50 * CREDIT * 333 // 999
    both = (back(333), back(666, name="r2"))
    till.pay(paid_of(alice), refunds=both)
    assert slug_of(alice) == "basic"
    assert credits_of(alice) == 0


def test_credits_that_were_spent_are_owed(till: Till, clock: Any, alice: User) -> None:
    subscribed(alice, till)
    wallet, earned = Account.Purpose.WALLET, Account.Purpose.REVENUE
    spent = 30 * CREDIT
    legs = [Move(f"person:{alice.pk}", wallet, -spent), Move("platform", earned, spent)]
    post(key="spent", kind="test", legs=legs, at=clock.now)
    till.pay(paid_of(alice), refunds=(back(999),))
    assert credits_of(alice) == 0
    assert owed_by(f"person:{alice.pk}") == spent


def test_a_refund_that_failed_after_all_gives_the_plan_again(
    till: Till, clock: Any, alice: User
) -> None:
    subscribed(alice, till)
    till.pay(paid_of(alice), refunds=(back(999),))
    till.pay(paid_of(alice), refunds=(back(999, RefundRank.FAILED),))
    assert slug_of(alice) == "premium_starter"
    assert credits_of(alice) == 50


def test_an_upgrade_that_goes_back_leaves_the_plan_before(
    till: Till, clock: Any, alice: User
) -> None:
    subscribed(alice, till)
    payment = order(alice, "premium_pro")
    assert payment
    till.pay(payment)
    assert credits_of(alice) == 200
    till.pay(payment, refunds=(back(payment.amount_minor),))
    assert slug_of(alice) == "premium_starter"
    assert mine_of(alice).price_minor == 999
    assert credits_of(alice) == 50


def test_a_dispute_lets_the_plan_rest(till: Till, clock: Any, alice: User) -> None:
    subscribed(alice, till)
    till.pay(paid_of(alice), disputes=(fought(DisputeRank.OPENED),))
    assert slug_of(alice) == "basic"
    assert credits_of(alice) == 0
    till.pay(paid_of(alice), disputes=(fought(DisputeRank.WON),))
    assert slug_of(alice) == "premium_starter"
    assert credits_of(alice) == 50


def test_a_plan_that_rests_is_not_renewed_until_it_is_settled(
    till: Till, clock: Any, alice: User
) -> None:
    clock.now = datetime(2027, 4, 1, tzinfo=UTC)
    subscribed(alice, till)
    first = paid_of(alice)
    till.pay(first, disputes=(fought(DisputeRank.OPENED),))
    clock.now = datetime(2027, 5, 3, tzinfo=UTC)
    work()
    assert till.charged == []
    till.pay(first, disputes=(fought(DisputeRank.WON),))
    work()
    assert till.charged == [999]
    assert mine_of(alice).period_ends_at == datetime(2027, 6, 1, tzinfo=UTC)


def test_a_dispute_that_is_lost_ends_the_plan(till: Till, clock: Any, alice: User) -> None:
    subscribed(alice, till)
    till.pay(paid_of(alice), disputes=(fought(DisputeRank.OPENED),))
    till.pay(paid_of(alice), disputes=(fought(DisputeRank.LOST),))
    assert slug_of(alice) == "basic"
    assert not mine_of(alice).is_live
    assert credits_of(alice) == 0
    assert first_difference() is None


def test_money_of_a_month_long_past_ends_nothing_of_this_one(
    till: Till, clock: Any, alice: User
) -> None:
    clock.now = datetime(2027, 4, 1, tzinfo=UTC)
    subscribed(alice, till)
    first = paid_of(alice)
    clock.now = datetime(2027, 5, 1, tzinfo=UTC)
    work()
    till.pay(first, refunds=(back(999),))
    assert slug_of(alice) == "premium_starter"
    assert credits_of(alice) == 50


STEPS: dict[str, dict[str, Any]] = {
    "paid": {},
    "part": {"refunds": (back(333),)},
    "opened": {"disputes": (fought(DisputeRank.OPENED, 666),)},
    "lost": {"disputes": (fought(DisputeRank.LOST, 666),)},
}


@pytest.mark.parametrize("names", list(permutations(STEPS)), ids="-".join)
def test_every_order_of_the_same_facts_ends_the_same(
    till: Till, clock: Any, alice: User, names: tuple[str, ...]
) -> None:
    payment = order(alice, "premium_starter")
    assert payment
    for name in (*names, *names):
        till.pay(payment, **STEPS[name])
    assert slug_of(alice) == "basic"
    assert not mine_of(alice).is_live
    assert credits_of(alice) == 0
    assert owed_by(f"person:{alice.pk}") == 0
    assert first_difference() is None
