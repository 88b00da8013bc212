"""Credits given, taken back and frozen; what cannot be taken back any more is owed."""

from datetime import UTC, datetime, timedelta

import pytest

from atrium.engines.actions import offer_built_in
from atrium.engines.models import Model
from atrium.kit.ids import new_id
from atrium.ledger.actions import (
    BadAmount,
    DebtOwed,
    NotEnough,
    Taken,
    book_money,
    freeze,
    grant,
    hold,
    release,
    settle,
    take_back,
    thaw,
)
from atrium.ledger.models import Account, Entry, Leg
from atrium.ledger.queries import balance_of, entries_of, first_difference, owed_by
from atrium.metering.actions import reserve
from atrium.people.actions import CannotUndo, claim_guest, undo_claim
from atrium.people.caller import Caller
from atrium.people.models import Guest, User
from tests import make

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ANN = "person:ann"


def give(amount: int, *, holder: str = ANN, key: str = "") -> Entry:
    return grant(holder=holder, amount=amount, key=key or str(new_id()), kind="gift", at=NOON)


def take(amount: int, *, holder: str = ANN, key: str = "") -> Taken:
    return take_back(holder=holder, amount=amount, key=key or str(new_id()), kind="refund", at=NOON)


def spend(amount: int, *, holder: str = ANN) -> None:
    held = hold(key=str(new_id()), holder=holder, amount=amount, at=NOON, deadline=NOON)
    settle(held=held, amount=amount, at=NOON)


def stands(holder: str = ANN) -> tuple[int, int]:
    """Say what the holder may spend and owes, when the books agree."""
    assert first_difference() is None
    return balance_of(holder), owed_by(holder)


def test_what_is_given_can_be_spent() -> None:
    give(100)

    assert stands() == (100, 0)


def test_a_gift_is_given_once() -> None:
    assert give(100, key="gift") == give(100, key="gift")
    assert stands() == (100, 0)


def test_what_was_spent_of_what_is_taken_back_is_owed() -> None:
    give(100)
    spend(70)

    assert take(100, key="refund") == Taken(taken=30, owed=70)
    assert take(100, key="refund") == Taken(taken=30, owed=70)
    assert stands() == (0, 70)


def test_what_is_owed_is_paid_before_anything_is_spent() -> None:
    take(70)

    give(50, key="first")
    give(50, key="first")
    assert stands() == (0, 20)
    give(50)
    assert stands() == (30, 0)
    assert entries_of([ANN]).filter(kind="debt_paid").count() == 2


def test_what_comes_back_from_a_hold_pays_what_is_owed() -> None:
    give(100)
    one = hold(key="one", holder=ANN, amount=60, at=NOON, deadline=NOON)
    two = hold(key="two", holder=ANN, amount=40, at=NOON, deadline=NOON)
    assert take(100) == Taken(taken=0, owed=100)

    settle(held=one, amount=20, at=NOON)
    assert stands() == (0, 60)
    release(held=two, at=NOON)
    assert stands() == (0, 20)


def test_what_is_frozen_cannot_be_spent_and_comes_back_once() -> None:
    give(100)

    assert freeze(holder=ANN, amount=60, key="dispute", at=NOON) == 60
    assert freeze(holder=ANN, amount=60, key="dispute", at=NOON) == 60
    with pytest.raises(NotEnough):
        spend(41)
    assert thaw(key="dispute", at=NOON) == 60
    thaw(key="dispute", at=NOON)

    assert stands() == (100, 0)


def test_a_freeze_reaches_as_far_as_the_wallet_then_and_not_later() -> None:
    assert freeze(holder=ANN, amount=60, key="dispute", at=NOON) == 0
    give(100)
    assert freeze(holder=ANN, amount=60, key="dispute", at=NOON) == 0
    assert thaw(key="dispute", at=NOON) == 0

    assert stands() == (100, 0)


def test_thawing_what_nobody_froze_gives_nothing() -> None:
    assert thaw(key="never", at=NOON) == 0


def test_a_lost_dispute_takes_what_was_frozen() -> None:
    give(100)
    spend(70)
    freeze(holder=ANN, amount=100, key="dispute", at=NOON)

    thaw(key="dispute", at=NOON)

    assert take(100) == Taken(taken=30, owed=70)


@pytest.fixture
def guest() -> Guest:
    return make.guest()


def of(owner: Guest | User) -> str:
    return f"{'guest' if isinstance(owner, Guest) else 'person'}:{owner.pk}"


def test_a_debt_comes_along_with_a_claim_and_is_paid(guest: Guest, alice: User) -> None:
    take(30, holder=of(guest))
    give(100, holder=of(alice))

    claim_guest(guest=guest, person=alice, at=NOON)

    assert stands(of(guest)) == (0, 0)
    assert stands(of(alice)) == (70, 0)


def test_who_was_claimed_is_given_and_taken_back_through_the_person(
    guest: Guest, alice: User
) -> None:
    freeze_key = "dispute"
    give(10, holder=of(guest))
    freeze(holder=of(guest), amount=10, key=freeze_key, at=NOON)
    claim = claim_guest(guest=guest, person=alice, at=NOON)
    assert claim

    give(100, holder=of(guest))
    assert stands(of(alice)) == (100, 0)
    thaw(key=freeze_key, at=NOON)
    assert stands(of(alice)) == (110, 0)
    assert take(120, holder=of(guest)) == Taken(taken=110, owed=10)
    assert stands(of(alice)) == (0, 10)
    with pytest.raises(CannotUndo):
        undo_claim(claim=claim, at=NOON + timedelta(hours=1))


def test_late_gifts_go_back_with_the_claim(guest: Guest, alice: User) -> None:
    claim = claim_guest(guest=guest, person=alice, at=NOON)
    assert claim
    given = give(100, holder=of(guest))
    key = Entry.objects.get(kind="claim").key
    assert key == f"claim:{guest.pk}:entry-{given.pk}", "a number alone names the guest's claims"

    undo_claim(claim=claim, at=NOON + timedelta(hours=1))

    assert (stands(of(guest)), stands(of(alice))) == ((100, 0), (0, 0))


def test_who_owes_calls_nothing(alice: User) -> None:
    offer_built_in()
    take(5, holder=of(alice))

    with pytest.raises(DebtOwed) as refused:
        reserve(
            by=Caller(person=alice),
            model=Model.objects.get(),
            tokens_in=0,
            most_tokens_out=0,
            about=("turn", new_id()),
            key="call",
            at=NOON,
        )

    assert (refused.value.code, refused.value.status, refused.value.used) == ("debt_owed", 402, 5)
    assert "/wallet/buy" in refused.value.way_on


def test_money_at_a_gateway_stands_against_what_was_earned() -> None:
    for _again in range(2):
        book_money(
            gateway="sandbox", amount_minor=1000, currency="USD", fee_minor=30, key="in", at=NOON
        )
    book_money(gateway="sandbox", amount_minor=-400, currency="USD", key="back", at=NOON)

    sums = {
        (account.holder, account.purpose): sum(
            Leg.objects.filter(account=account).values_list("amount", flat=True)
        )
        for account in Account.objects.all()
    }
    assert sums == {
        ("platform:sandbox", "clearing"): -570,
        ("platform", "fees"): -30,
        ("platform", "revenue"): 600,
    }
    assert set(Account.objects.values_list("balance", flat=True)) == {None}


@pytest.mark.parametrize("amount", [0, -1, 10**15 + 1, 10**30, 1.5, float("nan"), "१२", True, None])
def test_what_is_no_amount_is_refused_with_a_sentence(amount: int) -> None:
    for refuse in (
        lambda: give(amount),
        lambda: take(amount),
        lambda: freeze(holder=ANN, amount=amount, key="x", at=NOON),
    ):
        with pytest.raises(BadAmount, match="amount"):
            refuse()

    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("amount", "currency"), [(0, "USD"), (1.0, "USD"), ("1", "USD"), (1, "XXX"), (10**16, "USD")]
)
def test_what_is_no_money_is_refused_with_a_sentence(amount: int, currency: str) -> None:
    with pytest.raises(BadAmount):
        book_money(gateway="sandbox", amount_minor=amount, currency=currency, key="x", at=NOON)


def test_an_unknown_asset_is_refused() -> None:
    with pytest.raises(BadAmount, match="currency"):
        grant(holder=ANN, amount=1, key="x", kind="gift", asset="GOLD", at=NOON)


def test_no_account_grows_beyond_what_can_be_counted() -> None:
    give(10**15)
    Account.objects.filter(holder=ANN).update(balance=10**18 - 5)

    with pytest.raises(BadAmount, match="too large"):
        give(10)

    assert balance_of(ANN) == 10**18 - 5
