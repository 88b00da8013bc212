import operator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atrium.kit.money import EXPONENTS, MOST_MINOR, BadAmount, Money, OtherCurrency, parse

pytestmark = pytest.mark.once

CURRENCIES = st.sampled_from(sorted(EXPONENTS))
AMOUNTS = st.integers(-MOST_MINOR, MOST_MINOR)


@pytest.mark.parametrize(
    ("text", "currency", "minor", "shown"),
    [
        ("12.5", "USD", 1250, "12.50 USD"),
        ("12", "JPY", 12, "12 JPY"),
        ("1", "NPR", 100, "1.00 NPR"),
        ("1.234", "KWD", 1234, "1.234 KWD"),
        ("0.00000001", "USDT", 1, "0.00000001 USDT"),
        (" 007 ", "UAH", 700, "7.00 UAH"),
        ("0", "USD", 0, "0.00 USD"),
    ],
)
def test_an_amount_is_read_in_its_currency(
    text: Any, currency: Any, minor: Any, shown: Any
) -> None:
    assert parse(text, currency) == Money(minor, currency)
    assert str(Money(minor, currency)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-1",
        "+1",
        "1e3",
        "1,000",
        "1.",
        ".5",
        "१२",
        "１２",
        "NaN",
        "-0",
        "inf",
        "1_0",
        "0x1",
        "1.234",
        "1\n",
        "9" * 16,
        "9" * 99,
        "1 0",
        "$1",
    ],
)
def test_what_is_no_plain_amount_is_refused(text: Any) -> None:
    with pytest.raises(BadAmount):
        parse(text, "USD")


@pytest.mark.parametrize("currency", ["", "usd", "XXX", "US"])
def test_an_unknown_currency_is_refused(currency: Any) -> None:
    with pytest.raises(BadAmount):
        parse("1", currency)
    with pytest.raises(ValueError, match="no currency"):
        Money(1, currency)


@given(st.integers(0, MOST_MINOR), CURRENCIES)
def test_what_is_shown_reads_back(minor: Any, currency: Any) -> None:
    money = Money(minor, currency)
    assert parse(str(money).removesuffix(f" {currency}"), currency) == money


@given(AMOUNTS, st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(sum))
def test_shares_sum_to_the_whole_and_are_fair_to_one_unit(minor: Any, weights: Any) -> None:
    parts = Money(minor, "USD").shared(weights)
    assert sum(part.minor for part in parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor * sum(weights) - minor * weight) < sum(weights)


@given(st.integers(-(10**14), 10**14), st.integers(-(10**14), 10**14))
def test_amounts_are_added_and_compared(one: Any, two: Any) -> None:
    first, second = Money(one, "USD"), Money(two, "USD")
    assert (first + second) - second == first
    assert first + (-first) == Money(0, "USD")
    assert (first < second) == (one < two)


def test_two_currencies_are_never_put_together() -> None:
    for together in (operator.add, operator.sub, operator.lt):
        with pytest.raises(OtherCurrency):
            together(Money(1, "USD"), Money(1, "EUR"))
    assert Money(1, "USD") != Money(1, "EUR")


@pytest.mark.parametrize("minor", [1.0, True, "1", MOST_MINOR + 1, None])
def test_money_is_a_whole_number_within_bounds(minor: Any) -> None:
    with pytest.raises(ValueError, match="no amount"):
        Money(minor, "USD")


@pytest.mark.parametrize("weights", [[], [0], [-1, 2]])
def test_weights_that_share_nothing_are_refused(weights: Any) -> None:
    with pytest.raises(ValueError, match="Weights"):
        Money(1, "USD").shared(weights)
