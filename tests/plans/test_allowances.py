"""What a plan lets one do in a month: counted before it is done, anew on the day it began."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atrium.people.models import User
from atrium.plans import allowances
from atrium.plans.actions.allowances import AllowanceReached, give_back, use_allowance
from atrium.plans.models import UNLIMITED, Allowance, Subscription
from atrium.plans.queries import allowance_of
from tests import make
from tests.plans.till import Till, order, plan, subscribed, work

DO = "pictures.make"


@pytest.fixture
def deed(till: Till) -> Iterator[None]:
    allowances.register(allowances.Deed(DO, "Pictures", lambda count: f"{count} pictures"))
    for slug, count in (("basic", 2), ("premium_starter", 3), ("premium_pro", 5)):
        Allowance.objects.create(plan=plan(slug), action=DO, per_month=count)
    Allowance.objects.create(plan=plan("unlimited"), action=DO, per_month=UNLIMITED)
    yield
    allowances.forget(DO)


def do(person: User, at: datetime, times: int = 1) -> None:
    for _number in range(times):
        use_allowance(by=make.caller(person), action=DO, at=at)


def used(person: User, at: datetime) -> int:
    return allowance_of(make.caller(person), DO, at=at).used


def test_the_limit_is_said_with_numbers_before_the_work(
    deed: None, clock: Any, alice: User
) -> None:
    do(alice, clock.now, 2)
    with pytest.raises(AllowanceReached) as refused:
        do(alice, clock.now)
    assert (refused.value.limit, refused.value.used) == (2, 2)
    assert refused.value.retry_at == datetime(2026, 12, 21, 12, 0, tzinfo=UTC)
    assert used(alice, clock.now) == 2


def test_what_did_not_come_about_is_given_back(deed: None, clock: Any, alice: User) -> None:
    do(alice, clock.now, 2)
    give_back(by=make.caller(alice), action=DO, at=clock.now)
    do(alice, clock.now)
    assert used(alice, clock.now) == 2


def test_a_larger_plan_counts_at_once_and_keeps_what_was_used(
    deed: None, till: Till, clock: Any, alice: User
) -> None:
    subscribed(alice, till)
    do(alice, clock.now, 3)
    payment = order(alice, "premium_pro")
    assert payment
    till.pay(payment)
    assert used(alice, clock.now) == 3
    do(alice, clock.now, 2)
    with pytest.raises(AllowanceReached):
        do(alice, clock.now)


def test_what_is_unlimited_is_counted_all_the_same(
    deed: None, till: Till, clock: Any, alice: User
) -> None:
    subscribed(alice, till, "unlimited")
    do(alice, clock.now, 7)
    assert used(alice, clock.now) == 7


def test_it_begins_anew_on_its_day_though_no_clock_renewed(
    deed: None, till: Till, clock: Any, alice: User
) -> None:
    clock.now = datetime(2027, 1, 31, 12, 0, tzinfo=UTC)
    subscribed(alice, till)
    do(alice, clock.now, 3)
    end = datetime(2027, 2, 28, 12, 0, tzinfo=UTC)
    with pytest.raises(AllowanceReached):
        do(alice, end - timedelta(microseconds=1))
    do(alice, end)
    clock.now = datetime(2027, 4, 2, 12, 0, tzinfo=UTC)  # nobody renewed for two months
    do(alice, clock.now)
    work()
    assert used(alice, clock.now) == 1
    assert Subscription.objects.get().period_began_at == datetime(2027, 3, 31, 12, 0, tzinfo=UTC)


def test_a_guest_has_the_plan_of_guests(deed: None, clock: Any) -> None:
    guest = make.guest()
    Allowance.objects.create(plan=plan("guest"), action=DO, per_month=0)
    with pytest.raises(AllowanceReached):
        use_allowance(by=make.caller(guest), action=DO, at=clock.now)
