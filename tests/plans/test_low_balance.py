from typing import Any

import pytest

from atrium.kit import clock
from atrium.kit.credits import MICRO
from atrium.ledger import actions as ledger
from atrium.ledger.models import Account
from atrium.notifications.models import Notification
from atrium.options.actions import set_option
from atrium.people.models import User
from atrium.plans.actions import low_balance
from atrium.plans.actions.low_balance import (
    NotANumberOfCredits,
    choose_threshold,
    look_for_falls,
)
from atrium.plans.models import LowBalance
from tests import make
from tests.jobs.racing import race

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _looked(db: None) -> None:
    """What moves from here on is looked at."""
    look_for_falls(at=clock.now())


def give(person: User, amount: float) -> None:
    ledger.grant(
        holder=f"person:{person.pk}",
        amount=int(amount * MICRO),
        key=f"given:{clock.now()}",
        kind="test",
        at=clock.now(),
    )


def spend(person: User, amount: float) -> None:
    legs = [
        ledger.Move(f"person:{person.pk}", Account.Purpose.WALLET, -int(amount * MICRO)),
        ledger.Move("platform", Account.Purpose.REVENUE, int(amount * MICRO)),
    ]
    ledger.post(key=f"spent:{clock.now()}", kind="settle", legs=legs, at=clock.now())


def told(person: User) -> list[str]:
    look_for_falls(at=clock.now())
    mine = Notification.objects.filter(person=person, kind="plans.low_balance")
    return [one.params["left"] for one in mine.order_by("made_at")]


def test_each_fall_is_told_once(alice: User) -> None:
    give(alice, 20)
    assert told(alice) == []
    spend(alice, 16)
    assert told(alice) == ["4.00"]
    spend(alice, 1)
    assert told(alice) == ["4.00"]
    give(alice, 1)
    assert told(alice) == ["4.00"]  # four is less than five still
    give(alice, 10)
    assert told(alice) == ["4.00"]
    spend(alice, 12.5)
    assert told(alice) == ["4.00", "1.50"]


def test_a_fall_within_one_minute_of_the_first_credits_is_told(alice: User) -> None:
    give(alice, 20)
    spend(alice, 19)
    assert told(alice) == ["1.00"]


def test_who_never_had_so_much_has_not_fallen(alice: User) -> None:
    give(alice, 3)
    assert told(alice) == []
    spend(alice, 2)
    assert told(alice) == []


def test_what_is_set_aside_for_a_call_may_come_back_and_is_no_fall(alice: User) -> None:
    give(alice, 20)
    told(alice)
    now = clock.now()
    ledger.hold(key="h", holder=f"person:{alice.pk}", amount=18 * MICRO, at=now, deadline=now)
    assert told(alice) == []


def test_everybody_may_choose_their_own_number_or_none(alice: User, bob: User) -> None:
    give(alice, 20)
    give(bob, 20)
    choose_threshold(person=alice, below=15)
    choose_threshold(person=bob, below=0)
    spend(alice, 6)
    spend(bob, 20)
    assert (told(alice), told(bob)) == (["14.00"], [])
    choose_threshold(person=bob, below=None)
    assert LowBalance.objects.get(person=bob).below is None
    assert told(bob) == []  # it is low by the new number, and has not fallen


@pytest.mark.parametrize("below", [-1, 1_000_001])
def test_a_number_that_nobody_has_is_refused(alice: User, below: Any) -> None:
    with pytest.raises(NotANumberOfCredits):
        choose_threshold(person=alice, below=below)


def test_the_operator_may_switch_it_off(alice: User) -> None:
    set_option(key="credits.low", text="0", by="system", at=clock.now())
    give(alice, 20)
    spend(alice, 20)
    assert told(alice) == []


def test_guests_are_looked_over_and_people_who_left_too(alice: User) -> None:
    guest = make.guest()
    ledger.grant(holder=f"guest:{guest.pk}", amount=MICRO, key="g", kind="test", at=clock.now())
    give(alice, 20)
    spend(alice, 19)
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    assert told(alice) == []


def test_many_entries_are_looked_at_in_portions(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(low_balance, "AT_ONCE", 3)
    give(alice, 20)
    for _one in range(9):
        spend(alice, 2)
    rounds = 0
    while look_for_falls(at=clock.now()):
        rounds += 1
    assert rounds == 3
    assert told(alice) == ["2.00"]


@pytest.mark.django_db(transaction=True)
def test_two_who_look_at_once_tell_once() -> None:
    person = make.person()
    look_for_falls(at=clock.now())
    give(person, 20)
    spend(person, 19)
    race(8, lambda _number: look_for_falls(at=clock.now()))
    assert told(person) == ["1.00"]
