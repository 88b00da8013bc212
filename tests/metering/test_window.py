"""The tokens of a plan: six hours from the first one, and never more than it has."""

from datetime import timedelta

import pytest
from django.db.models import F, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atrium.metering.actions import (
    WindowFull,
    release,
    settle,
)
from atrium.metering.models import Receipt, Window
from atrium.metering.queries import window_of
from atrium.metering.window import LENGTH, WindowState
from atrium.options.actions import set_option
from atrium.people.caller import Caller
from atrium.plans.models import UNLIMITED
from tests import make
from tests.metering.calls import NOON, SECOND, call, end, used


def test_a_window_opens_with_the_first_token_and_is_over_six_hours_later(by: Caller) -> None:
    assert window_of(by, NOON) == WindowState(100)

    end(call(by, 60), 40)
    assert window_of(by, NOON) == WindowState(100, 40, NOON, NOON + LENGTH)
    assert used(by, NOON + LENGTH - SECOND) == 40
    assert window_of(by, NOON + LENGTH) == WindowState(100)

    later = NOON + LENGTH + timedelta(minutes=50)
    end(call(by, 100, at=later), 7, at=later)
    assert window_of(by, later) == WindowState(100, 7, later, later + LENGTH)


def test_at_the_second_before_it_resets_it_is_full_and_at_that_second_it_is_not(
    by: Caller,
) -> None:
    end(call(by, 100), 100)

    with pytest.raises(WindowFull):
        call(by, 1, at=NOON + LENGTH - SECOND)
    assert call(by, 100, at=NOON + LENGTH).window_number == 2


def test_what_is_set_aside_and_not_used_is_there_again(by: Caller) -> None:
    first = call(by, 90)
    with pytest.raises(WindowFull) as refused:
        call(by, 11)
    told = refused.value
    assert (told.status, told.code, told.limit, told.used) == (429, "window_full", 100, 90)
    assert told.retry_at == NOON + LENGTH
    assert told.link == "/plans"

    end(first, 20)
    end(first, 90)
    assert used(by) == 20
    assert call(by, 80).reserved == 80


def test_a_call_that_delivered_nothing_has_opened_no_window(by: Caller) -> None:
    released = release(receipt=call(by, 50), at=NOON)

    assert window_of(by, NOON) == WindowState(100)
    later = NOON + timedelta(hours=1)
    end(call(by, 50, at=later), 1, at=later)
    release(receipt=released, at=later)
    assert window_of(by, later) == WindowState(100, 1, later, later + LENGTH)


def test_a_call_ends_in_the_window_that_it_began_in(by: Caller) -> None:
    late = call(by, 90)
    after = NOON + LENGTH
    fresh = call(by, 30, at=after)

    assert end(late, 90, at=after).tokens == 90
    assert used(by, after) == 30
    end(fresh, 10, at=after)
    assert used(by, after) == 10


def test_turning_the_clock_back_gives_nothing_anew(by: Caller) -> None:
    end(call(by, 100), 100)

    for hours in (1, 5, 24 * 400):
        with pytest.raises(WindowFull):
            call(by, 1, at=NOON - timedelta(hours=hours))


def test_what_is_larger_than_a_whole_window_never_fits(by: Caller) -> None:
    with pytest.raises(WindowFull) as refused:
        call(by, 101)

    assert refused.value.retry_at is None  # waiting helps nobody
    assert not Window.objects.exclude(held=0).exists()


def test_a_lie_about_what_was_used_counts_no_more_than_was_set_aside(by: Caller) -> None:
    lied = settle(receipt=call(by, 60), tokens_in=10**9, tokens_out=10**9, at=NOON)
    other = settle(receipt=call(by, 40), tokens_in=-5, tokens_out=-5, at=NOON)

    assert (lied.tokens, other.tokens, used(by)) == (60, 0, 60)


def test_the_window_is_what_its_receipts_say(by: Caller) -> None:
    for tokens in (10, 20, 3):
        end(call(by, 30), tokens)

    receipts = Receipt.objects.of(by).aggregate(sum=Sum(F("tokens_in") + F("tokens_out")))
    assert receipts["sum"] == used(by) == 33


def test_without_a_limit_nothing_is_refused_and_all_is_counted(by: Caller) -> None:
    make.windows(UNLIMITED)
    end(call(by, 10**9), 10**8)
    end(call(by, 10**9), 10**8)

    assert window_of(by, NOON) == WindowState(UNLIMITED, 2 * 10**8, NOON, NOON + LENGTH)
    assert window_of(by, NOON).percent == 0


def test_an_operator_may_set_a_ceiling_against_abuse(by: Caller) -> None:
    make.windows(UNLIMITED)
    set_option(key="metering.unlimited_ceiling", text="1000", by="system", at=NOON)
    end(call(by, 1000), 990)

    with pytest.raises(WindowFull) as refused:
        call(by, 11)
    assert (refused.value.limit, refused.value.retry_at) == (1000, NOON + LENGTH)
    assert call(by, 10).reserved == 10


class Plain:
    """What a window is, told in the plainest way."""

    def __init__(self) -> None:
        self.now, self.resets, self.number = NOON, NOON, 0
        self.used = 0
        self.under_way: dict[Receipt, int] = {}  # and the number of its window

    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @property
    def taken(self) -> int:
        if self.now >= self.resets:
            return 0
        return self.used + sum(
            receipt.reserved for receipt, number in self.under_way.items() if number == self.number
        )

    def begin(self, receipt: Receipt) -> None:
        if self.now >= self.resets:
            self.number, self.used, self.resets = self.number + 1, 0, self.now + LENGTH
        self.under_way[receipt] = self.number

    def end(self, tokens: int) -> Receipt:
        receipt, number = self.under_way.popitem()
        if number == self.number:
            tokens = min(tokens, receipt.reserved)
            self.used += tokens
            if not tokens and not self.taken:
                self.resets = self.now
        return receipt


@given(
    deeds=st.lists(
        st.tuples(st.sampled_from("crs"), st.integers(0, 110), st.integers(0, 200)), max_size=25
    )
)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_window_is_what_plain_sums_say_it_is(
    by: Caller, deeds: list[tuple[str, int, int]]
) -> None:
    """Calls of any size, ended in any order while hours go by."""
    Window.objects.all().delete()
    plain = Plain()
    for deed, tokens, minutes in deeds:
        plain.wait(minutes)
        if deed == "c":
            fits = plain.taken + tokens <= 100
            try:
                plain.begin(call(by, tokens, at=plain.now))
            except WindowFull:
                assert not fits
            else:
                assert fits
        elif plain.under_way and deed == "s":
            end(plain.end(tokens), tokens, at=plain.now)
        elif plain.under_way:
            release(receipt=plain.end(0), at=plain.now)
        assert used(by, plain.now) == plain.taken <= 100
