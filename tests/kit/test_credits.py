from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atrium.kit.credits import (
    MICRO,
    charge_for,
    charge_for_call,
    parse,
    shown_balance,
    shown_charge,
)
from atrium.kit.money import BadAmount

pytestmark = pytest.mark.once

TOKENS, PRICES = st.integers(0, 10**9), st.integers(0, 10**12)


@given(TOKENS, PRICES)
def test_a_charge_is_the_exact_price_rounded_up(tokens: Any, price: Any) -> None:
    exact = Fraction(tokens * price, 10**6)
    assert 0 <= charge_for(tokens, price) - exact < 1


@given(st.lists(st.tuples(TOKENS, PRICES), max_size=6))
def test_a_call_is_rounded_once(parts: Any) -> None:
    whole = charge_for_call(parts)
    apart = sum(charge_for(*part) for part in parts)
    assert whole <= apart <= whole + max(0, len(parts) - 1)


def test_a_thousand_small_calls_cost_no_less_than_one_large() -> None:
    assert 1000 * charge_for(1, 999) >= charge_for(1000, 999)


@pytest.mark.parametrize(("tokens", "price"), [(-1, 1), (1, -1)])
def test_nothing_is_paid_back_by_a_negative_count(tokens: Any, price: Any) -> None:
    with pytest.raises(ValueError, match="negative"):
        charge_for(tokens, price)


@given(st.integers(-(10**15), 10**15))
def test_charges_are_shown_up_and_balances_down(micro: Any) -> None:
    exact = Decimal(micro) / MICRO
    assert 0 <= Decimal(shown_charge(micro)) - exact < Decimal("0.01")
    assert 0 <= exact - Decimal(shown_balance(micro)) < Decimal("0.01")


@pytest.mark.parametrize(
    ("micro", "charge", "balance"),
    [
        (0, "0.00", "0.00"),
        (1, "0.01", "0.00"),
        (MICRO, "1.00", "1.00"),
        (1_239_999, "1.24", "1.23"),
    ],
)
def test_credits_are_shown_with_two_digits(micro: Any, charge: Any, balance: Any) -> None:
    assert (shown_charge(micro), shown_balance(micro)) == (charge, balance)


def test_what_a_person_wrote_is_read_to_the_last_millionth() -> None:
    assert [parse(text) for text in ("1", " 12.5", "0.000001")] == [MICRO, 12_500_000, 1]
    assert parse("1000000000") == 10**15


@pytest.mark.parametrize(
    "text",
    [
        *("0", "0.0", "-1", "+1", "1e30", "NaN", "१२", "1,5", "1.0000001", "", "1 000", "1."),
        *("1000000000.000001", "9" * 17),
    ],
)
def test_what_is_no_amount_of_credits_is_refused(text: str) -> None:
    with pytest.raises(BadAmount):
        parse(text)
