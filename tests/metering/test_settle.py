from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atrium.engines.actions import offer_built_in
from atrium.engines.models import Model
from atrium.kit.ids import new_id
from atrium.ledger.actions import Move, post
from atrium.ledger.models import Account, Hold
from atrium.ledger.posting import PLATFORM
from atrium.ledger.queries import balance_of, first_difference
from atrium.metering.actions import price_of, release, reserve, settle
from atrium.metering.models import Receipt
from atrium.people.models import User
from tests import make

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def call(alice: User) -> Receipt:
    """Alice has 100 micro-credits; the call holds 50 of them."""
    offer_built_in()
    model = Model.objects.get()
    model.output_price = 1_000_000
    by = make.spends_credits(alice)
    legs = [
        Move(PLATFORM, Account.Purpose.ISSUED, -100),
        Move(by.audience, Account.Purpose.WALLET, 100),
    ]
    post(key="start", kind="gift", legs=legs, at=NOON)
    return reserve(
        by=by,
        model=model,
        tokens_in=10,
        most_tokens_out=50,
        about=("turn", new_id()),
        key="k",
        at=NOON,
    )


def test_what_was_used_is_charged(call: Receipt) -> None:
    settled = settle(receipt=call, tokens_in=10, tokens_out=20, at=NOON)

    assert settled.charged == 20
    assert balance_of(f"person:{call.person_id}") == 80


@pytest.mark.parametrize("said", [10**9, 51])
def test_a_lie_about_usage_costs_no_more_than_was_held(call: Receipt, said: int) -> None:
    settled = settle(receipt=call, tokens_in=10, tokens_out=said, at=NOON)

    assert settled.charged == 50


def test_negative_usage_is_nothing(call: Receipt) -> None:
    settled = settle(receipt=call, tokens_in=-5, tokens_out=-5, at=NOON)

    assert (settled.tokens, settled.charged) == (0, 0)
    assert balance_of(f"person:{call.person_id}") == 100


def test_a_call_is_charged_once(call: Receipt) -> None:
    settle(receipt=call, tokens_in=0, tokens_out=20, at=NOON)
    settle(receipt=call, tokens_in=0, tokens_out=50, at=NOON)
    release(receipt=call, at=NOON)

    assert balance_of(f"person:{call.person_id}") == 80
    assert first_difference() is None


def test_releasing_charges_nothing(call: Receipt) -> None:
    released = release(receipt=call, at=NOON)

    assert (released.state, released.charged) == (Receipt.State.RELEASED, 0)
    assert Hold.objects.get().state == Hold.State.RELEASED
    assert balance_of(f"person:{call.person_id}") == 100


@pytest.mark.once
@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_price_is_rounded_up_once(
    tokens_in: int, tokens_out: int, price_in: int, price_out: int
) -> None:
    price = price_of(
        tokens_in=tokens_in, tokens_out=tokens_out, input_price=price_in, output_price=price_out
    )

    exact = tokens_in * price_in + tokens_out * price_out
    assert 0 <= price * 1_000_000 - exact < 1_000_000
