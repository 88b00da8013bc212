from datetime import UTC, datetime, timedelta

import pytest

from atrium.ledger.actions import BadAmount, Move, NotEnough, hold, post, release, settle
from atrium.ledger.models import Account, Entry, Hold
from atrium.ledger.posting import PLATFORM
from atrium.ledger.queries import balance_of, first_difference

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _a_hundred(db: None) -> None:
    legs = [
        Move(PLATFORM, Account.Purpose.ISSUED, -100),
        Move("person:a", Account.Purpose.WALLET, 100),
    ]
    post(key="start", kind="gift", legs=legs, at=NOON)


def held(amount: int = 60, key: str = "call") -> Hold:
    return hold(key=key, holder="person:a", amount=amount, at=NOON, deadline=LATER)


def test_what_is_held_cannot_be_spent_twice() -> None:
    held(60)

    with pytest.raises(NotEnough):
        held(60, key="another")

    assert balance_of("person:a") == 40
    assert first_difference() is None


def test_a_repeated_key_holds_once() -> None:
    assert held().pk == held().pk
    assert balance_of("person:a") == 40


def test_settling_charges_the_part_used_and_gives_the_rest_back() -> None:
    settle(held=held(60), amount=25, at=LATER)

    assert balance_of("person:a") == 75
    assert first_difference() is None


def test_settling_never_takes_more_than_was_held() -> None:
    settled = settle(held=held(60), amount=10**9, at=LATER)

    assert settled.settled_amount == 60
    assert balance_of("person:a") == 40


def test_a_hold_ends_once() -> None:
    call = held(60)
    settle(held=call, amount=10, at=LATER)
    settle(held=call, amount=60, at=LATER)
    release(held=call, at=LATER)

    assert balance_of("person:a") == 90
    assert first_difference() is None


def test_releasing_gives_everything_back() -> None:
    release(held=held(60), at=LATER)

    assert balance_of("person:a") == 100


def test_holding_nothing_posts_nothing() -> None:
    settle(held=held(0), amount=0, at=LATER)

    assert Entry.objects.count() == 1


@pytest.mark.parametrize("amount", [-1, 10**30, 1.5, "१२"])
def test_what_is_no_amount_is_not_held(amount: int) -> None:
    with pytest.raises(BadAmount):
        held(amount)

    assert not Hold.objects.exists()
