"""What a provider says it used is believed as far as it can be true."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atrium.metering.actions import settle
from atrium.metering.tokens import agreed, count_tokens
from atrium.people.caller import Caller
from tests.metering.calls import NOON, call, used

LIES: list[Any] = [10**9, -5, float("nan"), float("inf"), None, "12", "", True, 2**70, [], 0, 4]


@pytest.mark.parametrize("said", LIES)
def test_a_lie_is_replaced_by_our_own_count(by: Caller, said: Any) -> None:
    settled = settle(receipt=call(by, 50), tokens_in=0, tokens_out=said, counted=(0, 20), at=NOON)

    assert (settled.tokens_out, used(by)) == (20, 20)


@pytest.mark.parametrize("said", [5, 19, 20, 50])
def test_what_can_be_true_is_believed(by: Caller, said: int) -> None:
    settled = settle(receipt=call(by, 50), tokens_in=0, tokens_out=said, counted=(0, 20), at=NOON)

    assert settled.tokens_out == said


def test_our_own_count_charges_no_more_than_was_set_aside(by: Caller) -> None:
    settled = settle(
        receipt=call(by, 50), tokens_in=None, tokens_out=None, counted=(40, 900), at=NOON
    )

    assert (settled.tokens_in, settled.tokens_out, used(by)) == (40, 10, 50)


@pytest.mark.once
@given(st.one_of(st.integers(), st.floats(), st.text(), st.none()), st.integers(0, 10**6))
def test_nothing_that_is_said_is_more_than_the_most(said: object, counted: int) -> None:
    for own in (None, counted):
        assert 0 <= agreed(said=said, counted=own, most=1000) <= 1000


@pytest.mark.once
@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("a", 1), ("four", 1), ("fours", 2), ("漢字", 2), ("漢字 and", 3)]
)
def test_a_token_is_about_four_letters_or_a_wide_one(text: str, tokens: int) -> None:
    assert count_tokens(text) == tokens
