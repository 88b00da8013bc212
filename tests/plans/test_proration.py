"""What a change in the middle of a period costs, to the last minor unit."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atrium.plans.proration import change, split

pytestmark = pytest.mark.once

BEGAN = datetime(2027, 1, 31, 9, 30, tzinfo=UTC)
ENDS = datetime(2027, 2, 28, 9, 30, tzinfo=UTC)
PRICES = st.integers(0, 10**12)
MOMENTS = st.timedeltas(timedelta(days=-1), timedelta(days=30)).map(lambda after: BEGAN + after)


def test_half_a_period_costs_half() -> None:
    half = BEGAN + (ENDS - BEGAN) / 2
    due = change(old_minor=1000, new_minor=3000, began=BEGAN, ends=ENDS, at=half)
    assert (due.back_minor, due.forth_minor, due.due_minor) == (500, 1500, 1000)


def test_at_the_first_moment_it_is_the_difference_and_at_the_last_nothing() -> None:
    assert change(old_minor=999, new_minor=2999, began=BEGAN, ends=ENDS, at=BEGAN).due_minor == 2000
    assert change(old_minor=999, new_minor=2999, began=BEGAN, ends=ENDS, at=ENDS).due_minor == 0


@given(price=PRICES, at=MOMENTS)
def test_what_is_used_and_what_is_left_make_the_whole(price: int, at: datetime) -> None:
    parts = split(price, began=BEGAN, ends=ENDS, at=at)
    assert parts.used + parts.rest == price
    assert parts.used >= 0
    assert parts.rest >= 0


@given(old=PRICES, new=PRICES, at=MOMENTS)
def test_a_change_is_never_paid_with_less_than_nothing(old: int, new: int, at: datetime) -> None:
    due = change(old_minor=old, new_minor=new, began=BEGAN, ends=ENDS, at=at)
    assert 0 <= due.due_minor <= max(0, new - old) + 1
    if new >= old:
        assert due.due_minor == due.forth_minor - due.back_minor


@given(prices=st.lists(PRICES, min_size=3, max_size=3), at=MOMENTS)
def test_a_detour_is_never_cheaper(prices: list[int], at: datetime) -> None:
    first, second, third = sorted(prices)

    def due(old: int, new: int) -> int:
        return change(old_minor=old, new_minor=new, began=BEGAN, ends=ENDS, at=at).due_minor

    assert due(first, second) + due(second, third) == due(first, third)


@given(prices=st.lists(PRICES, min_size=2, max_size=2), one=MOMENTS, other=MOMENTS)
def test_later_it_costs_no_more(prices: list[int], one: datetime, other: datetime) -> None:
    old, new = sorted(prices)
    early, late = sorted((one, other))
    times: dict[str, Any] = {"old_minor": old, "new_minor": new, "began": BEGAN, "ends": ENDS}
    # Two roundings may differ by one unit.
    assert change(**times, at=late).due_minor <= change(**times, at=early).due_minor + 1
