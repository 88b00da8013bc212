from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from atrium.kit import clock as kit_clock
from atrium.people.attempts import Bound, clear_ended, count, forget
from atrium.people.models import Attempt
from tests.conftest import Clock

BOUND = Bound(limit=3, seconds=60)


@pytest.mark.django_db
def test_the_one_beyond_the_limit_is_over(clock: Clock) -> None:
    counts = [count("door", BOUND, at=clock.now) for _ in range(4)]

    assert [one.used for one in counts] == [1, 2, 3, 4]
    assert [one.left for one in counts] == [2, 1, 0, 0]
    assert [one.is_over for one in counts] == [False, False, False, True]
    assert {one.window_ends_at for one in counts} == {clock.now + timedelta(seconds=60)}


@pytest.mark.django_db
def test_a_new_window_opens_when_the_last_one_ends(clock: Clock) -> None:
    for _ in range(5):
        count("door", BOUND, at=clock.now)
    clock.forward(seconds=59.999)
    assert count("door", BOUND, at=clock.now).is_over
    clock.forward(seconds=0.001)

    again = count("door", BOUND, at=clock.now)

    assert again.used == 1
    assert again.window_ends_at == clock.now + timedelta(seconds=60)


@pytest.mark.django_db
def test_buckets_do_not_know_each_other_and_can_be_forgotten(clock: Clock) -> None:
    count("door", BOUND, at=clock.now)
    count("window", BOUND, at=clock.now)
    forget("door")

    assert count("door", BOUND, at=clock.now).used == 1
    assert count("window", BOUND, at=clock.now).used == 2


@pytest.mark.django_db
def test_ended_windows_are_cleared(clock: Clock) -> None:
    count("door", BOUND, at=clock.now)
    clock.forward(seconds=30)
    count("window", BOUND, at=clock.now)
    clock.forward(seconds=30)

    clear_ended(at=clock.now)

    assert Attempt.objects.get().bucket == "window"


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_counted_one_by_one() -> None:
    at, gate = kit_clock.now(), Barrier(16)

    def try_once(_number: int) -> int:
        gate.wait()
        try:
            return count("door", BOUND, at=at).used
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        numbers = list(pool.map(try_once, range(16)))

    assert sorted(numbers) == list(range(1, 17))
