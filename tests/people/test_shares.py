from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from atrium.kit import clock
from atrium.people.attempts import Bound
from atrium.people.shares import count_in_shares, forget_shares

NOW = clock.now()
MINUTE = Bound(200, 60)


@pytest.fixture(autouse=True)
def _nothing_taken_yet() -> Iterator[None]:
    forget_shares()
    yield
    forget_shares()


def passes(bucket: str = "api:alice", bound: Bound = MINUTE, *, after: int = 0) -> bool:
    [found] = count_in_shares({bucket: bound}, at=NOW + timedelta(seconds=after))
    return not found.is_over


def test_most_tries_ask_the_database_nothing(db: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert all(passes() for _ in range(200))

    assert len(asked) == 200 // (200 // 50)
    assert not passes()


def test_each_try_is_told_what_is_left(db: None) -> None:
    left = [count_in_shares({"api:alice": MINUTE}, at=NOW)[0].left for _ in range(200)]

    assert left == list(range(199, -1, -1))


def test_the_share_ends_with_the_window(db: None) -> None:
    assert passes()
    assert [count_in_shares({"api:alice": MINUTE}, at=NOW + timedelta(seconds=60))[0].used] == [1]


def test_a_process_that_dies_takes_only_its_share_along(db: None) -> None:
    let_through = 0
    for _process in range(80):
        let_through += passes()
        forget_shares()

    assert let_through == 50


def test_a_small_bound_is_counted_one_by_one(db: None) -> None:
    few = Bound(3, 60)

    assert [passes(bound=few) for _ in range(5)] == [True] * 3 + [False] * 2


@pytest.mark.django_db(transaction=True)
def test_threads_together_pass_exactly_as_often_as_allowed() -> None:
    def many(_thread: int) -> int:
        try:
            return sum(passes() for _ in range(60))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        let_through = sum(threads.map(many, range(8)))

    assert let_through == MINUTE.limit
