"""Months that begin on the same day, however short the months between are."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atrium.plans.periods import month_after, period_at

pytestmark = pytest.mark.once

MOMENTS = st.integers(0, 90 * 365 * 86400).map(
    lambda seconds: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def day(month: int, day: int, year: int = 2027) -> datetime:
    return datetime(year, month, day, 9, 30, tzinfo=UTC)


def test_the_31st_is_the_28th_in_february_and_the_31st_again() -> None:
    first = day(1, 31)
    second = month_after(first, day=31)
    third = month_after(second, day=31)
    assert [second, third, month_after(third, day=31)] == [day(2, 28), day(3, 31), day(4, 30)]


def test_a_leap_year_has_a_29th() -> None:
    assert month_after(day(1, 30, 2028), day=30) == day(2, 29, 2028)


def test_december_is_followed_by_the_next_year() -> None:
    assert month_after(day(12, 31), day=31) == day(1, 31, 2028)


def test_at_its_last_moment_a_period_is_over() -> None:
    assert period_at(day(1, 31), day=31, at=day(2, 28)) == (day(2, 28), day(3, 31))
    just_before = day(2, 28) - timedelta(microseconds=1)
    assert period_at(day(1, 31), day=31, at=just_before) == (day(1, 31), day(2, 28))


@given(began=MOMENTS, days=st.integers(0, 3000))
def test_every_moment_lies_in_one_period_of_the_row(began: datetime, days: int) -> None:
    at = began + timedelta(days=days)
    first, last = period_at(began, day=began.day, at=at)
    assert first <= at < last
    assert timedelta(days=28) <= last - first <= timedelta(days=31)
    one = began
    while one < first:
        one = month_after(one, day=began.day)
    assert one == first
