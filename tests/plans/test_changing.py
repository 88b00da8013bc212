"""A better plan at once for the difference, a smaller one with the next month."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atrium.kit.money import Money
from atrium.ledger.queries import balance_of
from atrium.payments.states import State
from atrium.people.models import User
from atrium.plans.actions.choosing import PayFirst, cancel, resume
from atrium.plans.models import Period, Plan, Subscription
from atrium.plans.previews import OutdatedPreview, Step, preview
from atrium.plans.queries import plan_of
from tests import make
from tests.plans.till import Till, mine_of, order, plan, shown, subscribed, work

CREDIT = 1_000_000


def day(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2027, month, day, hour, 0, tzinfo=UTC)


def slug_of(person: User) -> str:
    return plan_of(make.caller(person)).slug


def test_an_upgrade_costs_the_difference_for_what_is_left(
    till: Till, clock: Any, alice: User
) -> None:
    clock.now = day(4, 1)
    subscribed(alice, till)
    clock.now = day(4, 16)  # half of thirty days
    seen = shown(alice, "premium_pro")
    assert (seen.step, seen.due, seen.back) == (
        Step.UPGRADE,
        Money(1499 - 499, "USD"),
        Money(499, "USD"),
    )
    payment = order(alice, "premium_pro")
    assert payment
    assert payment.amount == seen.due
    till.pay(payment)
    assert slug_of(alice) == "premium_pro"
    mine = mine_of(alice)
    assert (mine.period_began_at, mine.period_ends_at) == (day(4, 1), day(5, 1))
    assert balance_of(f"person:{alice.pk}") == (50 + 75) * CREDIT
    clock.now = day(5, 1)
    work()
    assert till.charged == [2999]


def test_what_was_shown_is_charged_though_time_went_on(till: Till, clock: Any, alice: User) -> None:
    clock.now = day(4, 1)
    subscribed(alice, till)
    clock.now = day(4, 16)
    seal = shown(alice, "premium_pro").sealed(person_id=alice.pk)
    clock.forward(minutes=29)
    Plan.objects.filter(slug="premium_pro").update(price_minor=5000)
    payment = order(alice, "premium_pro", seal=seal)
    assert payment
    assert payment.amount_minor == 1000


def test_a_preview_from_before_another_change_no_longer_holds(
    till: Till, clock: Any, alice: User
) -> None:
    subscribed(alice, till)
    seal = shown(alice, "unlimited").sealed(person_id=alice.pk)
    better = order(alice, "premium_pro")
    assert better
    till.pay(better)
    with pytest.raises(OutdatedPreview):
        order(alice, "unlimited", seal=seal)


def test_of_two_upgrades_both_paid_one_goes_back(till: Till, clock: Any, alice: User) -> None:
    subscribed(alice, till)
    first, second = order(alice, "premium_pro"), order(alice, "unlimited")
    assert first
    assert second
    till.pay(second)
    till.pay(first)
    work()
    assert slug_of(alice) == "unlimited"
    assert [one.amount_minor for one in first.refunds.all()] == [first.amount_minor]


def test_an_upgrade_paid_in_the_next_month_goes_back(till: Till, clock: Any, alice: User) -> None:
    clock.now = day(4, 1)
    subscribed(alice, till)
    payment = order(alice, "premium_pro")
    assert payment
    clock.now = day(5, 1)
    work()
    till.pay(payment)
    work()
    assert slug_of(alice) == "premium_starter"
    assert payment.refunds.get().amount_minor == 2000


def test_in_the_last_moment_an_upgrade_costs_nothing(till: Till, clock: Any, alice: User) -> None:
    clock.now = day(4, 1)
    subscribed(alice, till)
    clock.now = day(5, 1) - timedelta(seconds=1)
    payment = order(alice, "premium_pro")
    assert payment
    assert (payment.amount_minor, payment.state) == (0, State.PAID)
    assert slug_of(alice) == "premium_pro"


def test_a_smaller_plan_comes_with_the_next_month(till: Till, clock: Any, alice: User) -> None:
    clock.now = day(4, 1)
    subscribed(alice, till, "premium_ultra")
    assert shown(alice, "premium_starter").step == Step.DOWNGRADE
    assert order(alice, "premium_starter") is None
    assert slug_of(alice) == "premium_ultra"
    clock.now = day(5, 1)
    work()
    assert slug_of(alice) == "premium_starter"
    assert till.charged == [999]
    assert mine_of(alice).next_plan is None


def test_a_smaller_plan_that_cannot_be_paid_ends_all_the_same(
    till: Till, clock: Any, alice: User
) -> None:
    clock.now = day(4, 1)
    subscribed(alice, till, "premium_ultra")
    order(alice, "premium_starter")
    till.card = "declines"
    clock.now = day(5, 1)
    work()
    assert slug_of(alice) == "premium_ultra"
    clock.now = day(5, 8)
    work()
    assert slug_of(alice) == "basic"


def test_the_free_plan_is_the_end_of_the_paid_one(till: Till, clock: Any, alice: User) -> None:
    clock.now = day(4, 1)
    subscribed(alice, till)
    assert shown(alice, "basic").step == Step.END
    assert order(alice, "basic") is None
    assert mine_of(alice).cancel_asked_at
    clock.now = day(5, 1)
    work()
    assert slug_of(alice) == "basic"
    assert till.charged == []


def test_choosing_ones_own_plan_drops_what_was_to_come(till: Till, clock: Any, alice: User) -> None:
    subscribed(alice, till, "premium_pro")
    order(alice, "premium_starter")
    order(alice, "premium_pro")
    assert mine_of(alice).next_plan is None
    order(alice, "premium_starter")
    resume(by=make.caller(alice), at=clock.now)
    assert mine_of(alice).next_plan is None
    order(alice, "premium_starter")
    cancel(by=make.caller(alice), at=clock.now)
    assert mine_of(alice).next_plan is None
    order(alice, "premium_starter")
    assert mine_of(alice).cancel_asked_at is None


def test_nothing_is_changed_while_a_month_is_not_paid(till: Till, clock: Any, alice: User) -> None:
    clock.now = day(4, 1)
    subscribed(alice, till)
    till.card = "declines"
    clock.now = day(5, 1)
    work()
    with pytest.raises(PayFirst):
        order(alice, "premium_pro")


def test_a_price_that_rose_waits_for_its_notice(till: Till, clock: Any, alice: User) -> None:
    clock.now = day(4, 1)
    subscribed(alice, till)
    raised = {"price_minor": 1500, "price_changed_at": day(4, 20)}
    Plan.objects.filter(slug="premium_starter").update(**raised)
    for month in (5, 6):
        clock.now = day(month, 1)
        work()
    assert till.charged == [999, 1500]


def test_a_price_that_fell_counts_at_once(till: Till, clock: Any, alice: User) -> None:
    clock.now = day(4, 1)
    subscribed(alice, till)
    lowered = {"price_minor": 500, "price_changed_at": day(4, 30)}
    Plan.objects.filter(slug="premium_starter").update(**lowered)
    clock.now = day(5, 1)
    work()
    assert till.charged == [500]


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    slugs=st.lists(
        st.sampled_from(["premium_starter", "premium_pro", "premium_ultra", "unlimited"]),
        min_size=2,
        max_size=4,
        unique=True,
    ),
    steps=st.lists(st.integers(0, 7 * 86400), min_size=3, max_size=3),
)
def test_whatever_the_way_up_each_step_costs_what_was_shown(
    till: Till, clock: Any, slugs: list[str], steps: list[int]
) -> None:
    person = make.person()
    clock.now = day(4, 1)
    way = sorted(slugs, key=lambda slug: plan(slug).price_minor)
    subscribed(person, till, way[0])
    for slug, seconds in zip(way[1:], steps, strict=False):
        clock.forward(seconds=seconds)
        seen = shown(person, slug)
        payment = order(person, slug)
        assert payment
        assert payment.amount == seen.due
        assert seen.due.minor >= 0
        if payment.amount_minor:
            till.pay(payment)
        assert slug_of(person) == slug
    # What was paid in all is what was used of each price, so parts make the whole.
    rows = list(Period.objects.filter(subscription__person=person).order_by("began_at", "pk"))
    assert [row.plan.slug for row in rows] == way


def test_a_preview_asks_nothing_of_who_has_nothing(till: Till, clock: Any, alice: User) -> None:
    seen = preview(plan=plan("basic"), subscription=None, at=clock.now)
    assert (seen.step, seen.due.minor) == (Step.STAY, 0)
    assert order(alice, "basic") is None
    assert not Subscription.objects.exists()
