"""Many at once: each deed has its effect once, and no sum is lost or made."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from threading import Barrier

import pytest
from django.db import connections

from atrium.ledger.actions import (
    Move,
    NotEnough,
    freeze,
    grant,
    hold,
    post,
    release,
    settle,
    take_back,
    thaw,
)
from atrium.ledger.models import Account, Hold
from atrium.ledger.posting import PLATFORM
from atrium.ledger.queries import balance_of, first_difference, owed_by

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ANN = "person:ann"


def at_once(deeds: Sequence[Callable[[], object]]) -> Counter[str]:
    """Do all at one moment, each on a line of its own, and count how they ended."""
    together = Barrier(len(deeds))

    def one(deed: Callable[[], object]) -> str:
        together.wait(60)
        try:
            deed()
        except NotEnough:
            return "refused"
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        ended = Counter(pool.map(one, deeds))
    assert first_difference() is None
    return ended


def give(amount: int, *, holder: str = ANN, key: str = "start") -> None:
    grant(holder=holder, amount=amount, key=key, kind="gift", at=NOON)


def take(amount: int, *, key: str) -> None:
    take_back(holder=ANN, amount=amount, key=key, kind="refund", at=NOON)


def call(amount: int, key: str, *, holder: str = ANN) -> Hold:
    return hold(key=key, holder=holder, amount=amount, at=NOON, deadline=NOON)


def spend(key: str) -> None:
    settle(held=call(1, key), amount=1, at=NOON)


def pay(number: int) -> None:
    legs = [Move(ANN, Account.Purpose.WALLET, -1), Move(PLATFORM, Account.Purpose.REVENUE, 1)]
    post(key=f"pay:{number}", kind="pay", legs=legs, at=NOON)


def test_64_calls_at_once_with_credit_for_10_are_10() -> None:
    give(10)

    ended = at_once([partial(spend, f"call:{number}") for number in range(64)])

    assert ended == {"done": 10, "refused": 54}
    assert balance_of(ANN) == 0


def test_64_holds_and_payments_at_once_with_credit_for_10_are_10() -> None:
    give(10)
    calls = [partial(call, 1, f"call:{number}") for number in range(32)]
    payments = [partial(pay, number) for number in range(32)]

    ended = at_once([*calls, *payments])

    assert ended == {"done": 10, "refused": 54}


def test_one_gift_told_16_times_at_once_is_given_once() -> None:
    at_once([lambda: give(5, key="one")] * 16)

    assert balance_of(ANN) == 5


def test_a_call_that_is_ended_16_times_at_once_ends_once() -> None:
    give(100)
    held = call(100, "call")
    ends: list[Callable[[], object]] = [
        lambda: settle(held=held, amount=30, at=NOON),
        lambda: release(held=held, at=NOON),
    ]

    at_once(ends * 8)

    held.refresh_from_db()
    assert balance_of(ANN) == (70 if held.state == Hold.State.SETTLED else 100)


def test_gifts_spends_and_takings_back_at_once_lose_nothing() -> None:
    give(20)
    deeds: list[Callable[[], object]] = []
    for number in range(10):
        deeds.append(partial(give, 3, key=f"gift:{number}"))
        deeds.append(partial(take, 7, key=f"taken:{number}"))
        deeds.append(partial(spend, f"call:{number}"))

    ended = at_once(deeds)

    spent = ended["done"] - 20
    assert balance_of(ANN) - owed_by(ANN) == 20 + 30 - 70 - spent
    assert balance_of(ANN) == 0 or owed_by(ANN) == 0


def test_a_freeze_that_thaws_16_times_at_once_gives_back_once() -> None:
    give(50)
    at_once([lambda: freeze(holder=ANN, amount=30, key="dispute", at=NOON)] * 8)
    assert balance_of(ANN) == 20

    at_once([lambda: thaw(key="dispute", at=NOON)] * 16)

    assert balance_of(ANN) == 50


def test_two_who_pay_each_other_never_wait_in_a_ring() -> None:
    give(100, holder="person:a", key="a")
    give(100, holder="person:b", key="b")

    def move(number: int) -> None:
        to, fro = ("person:a", "person:b") if number % 2 else ("person:b", "person:a")
        legs = [Move(fro, Account.Purpose.WALLET, -1), Move(to, Account.Purpose.WALLET, 1)]
        post(key=f"move:{number}", kind="gift", legs=legs, at=NOON)

    assert at_once([partial(move, number) for number in range(32)]) == {"done": 32}
    assert (balance_of("person:a"), balance_of("person:b")) == (100, 100)
