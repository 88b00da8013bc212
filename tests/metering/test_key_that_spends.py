"""A key with a spending limit: what its calls cost, and may still cost, never passes it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from atrium.engines.actions import offer_built_in
from atrium.engines.models import Model
from atrium.kit.ids import new_id
from atrium.ledger.actions import Move, post
from atrium.ledger.models import Account
from atrium.ledger.posting import PLATFORM
from atrium.ledger.queries import balance_of, first_difference
from atrium.metering.actions import release, reserve, settle
from atrium.metering.models import Receipt
from atrium.people.actions import KeySpent, issue_key
from atrium.people.actions.keys import ScopeNotHeld
from atrium.people.caller import Caller
from atrium.people.models import ApiKey, User
from tests import make

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def asks(alice: User) -> Caller:
    """Alice has 1,000 micro-credits, and a key that may spend 100 of them."""
    make.spends_credits(alice)
    offer_built_in()
    Model.objects.update(output_price=1_000_000)
    legs = [
        Move(PLATFORM, Account.Purpose.ISSUED, -1_000),
        Move(f"person:{alice.pk}", Account.Purpose.WALLET, 1_000),
    ]
    post(key="start", kind="gift", legs=legs, at=NOON)
    key, _token = issue_key(
        person=alice, name="nightly", scopes=["read", "account"], spend_limit=100, at=NOON
    )
    return Caller(person=alice, key=key)


def call(asks: Caller, *, most: int, key: str = "") -> Receipt:
    return reserve(
        by=asks,
        model=Model.objects.get(),
        tokens_in=0,
        most_tokens_out=most,
        about=("turn", new_id()),
        key=key or str(new_id()),
        at=NOON,
    )


def spent(asks: Caller) -> int:
    return ApiKey.objects.get(pk=asks.key.pk).spent if asks.key else -1


def test_a_call_that_might_cost_more_than_is_left_is_refused_with_the_numbers(
    asks: Caller,
) -> None:
    settle(receipt=call(asks, most=80), tokens_in=0, tokens_out=70, at=NOON)
    assert spent(asks) == 70

    with pytest.raises(KeySpent) as refused:
        call(asks, most=31)

    assert (refused.value.status, refused.value.limit, refused.value.used) == (402, 100, 70)
    assert balance_of(asks.audience) == 930
    assert call(asks, most=30).api_key == asks.key


def test_what_was_set_aside_and_not_used_may_be_spent_again(asks: Caller) -> None:
    held = call(asks, most=100)
    with pytest.raises(KeySpent):
        call(asks, most=1)

    release(receipt=held, at=NOON)
    release(receipt=held, at=NOON)
    assert spent(asks) == 0
    settled = call(asks, most=100)
    settle(receipt=settled, tokens_in=0, tokens_out=10, at=NOON)
    settle(receipt=settled, tokens_in=0, tokens_out=10, at=NOON)

    assert spent(asks) == 10


def test_a_call_asked_again_is_counted_once(asks: Caller) -> None:
    first = call(asks, most=60, key="same")

    assert call(asks, most=60, key="same") == first
    assert spent(asks) == 60


def test_what_the_person_does_without_the_key_does_not_count(asks: Caller) -> None:
    call(Caller(person=asks.person), most=500)

    assert spent(asks) == 0


def test_a_call_that_cannot_be_paid_leaves_the_key_as_it_was(asks: Caller) -> None:
    ApiKey.objects.update(spend_limit=None)

    with pytest.raises(Exception, match="and you have"):
        call(asks, most=5_000)

    assert spent(asks) == 0


def test_the_database_itself_holds_the_limit(asks: Caller) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiKey.objects.update(spent=101)


def test_a_key_with_a_limit_makes_no_other_key(asks: Caller, alice: User) -> None:
    with pytest.raises(ScopeNotHeld):
        issue_key(person=alice, name="more", scopes=["read"], asked_with=asks.key, at=NOON)


@pytest.mark.django_db(transaction=True)
def test_50_at_once_spend_no_more_than_the_limit(asks: Caller) -> None:
    start = Barrier(50)

    def ask(number: int) -> bool:
        start.wait()
        try:
            receipt = call(asks, most=10)
            if number % 2:
                settle(receipt=receipt, tokens_in=0, tokens_out=10, at=NOON)
        except KeySpent:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(50) as pool:
        let_in = sum(pool.map(ask, range(50)))

    assert (let_in, spent(asks)) == (10, 100)
    receipts = Receipt.objects.filter(api_key=asks.key)
    held = receipts.filter(state="open").aggregate(sum=Sum("hold__amount"))["sum"] or 0
    charged = receipts.aggregate(sum=Sum("charged"))["sum"]
    assert held + charged == 100
    assert first_difference() is None
