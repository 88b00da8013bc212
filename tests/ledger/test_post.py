from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
from django.db import DatabaseError, connection, connections, transaction

from atrium.ledger.actions import Move, NotEnough, post
from atrium.ledger.models import Account, Entry, Leg
from atrium.ledger.posting import PLATFORM
from atrium.ledger.queries import balance_of, first_difference

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WALLET, REVENUE, ISSUED = (
    Account.Purpose.WALLET,
    Account.Purpose.REVENUE,
    Account.Purpose.ISSUED,
)


def give(holder: str, amount: int, *, key: str = "start") -> Entry:
    legs = [Move(PLATFORM, ISSUED, -amount), Move(holder, WALLET, amount)]
    return post(key=f"{key}:{holder}", kind="gift", legs=legs, at=NOON)


def spend(holder: str, amount: int, *, key: str) -> Entry:
    legs = [Move(holder, WALLET, -amount), Move(PLATFORM, REVENUE, amount)]
    return post(key=key, kind="charge", legs=legs, at=NOON)


def test_it_moves_what_it_is_told(db: None) -> None:
    give("person:a", 100)
    spend("person:a", 30, key="one")

    assert balance_of("person:a") == 70
    assert first_difference() is None


def test_a_repeated_key_moves_nothing(db: None) -> None:
    give("person:a", 100)
    spend("person:a", 30, key="one")
    spend("person:a", 30, key="one")

    assert balance_of("person:a") == 70


def test_more_than_there_is_is_refused_with_numbers_and_nothing_moves(db: None) -> None:
    give("person:a", 10)

    with pytest.raises(NotEnough) as refused:
        spend("person:a", 11, key="one")

    assert (refused.value.limit, refused.value.used) == (10, 11)
    assert balance_of("person:a") == 10
    assert not Entry.objects.filter(key="one").exists()


def test_legs_that_do_not_balance_are_a_fault(db: None) -> None:
    with pytest.raises(AssertionError):
        post(key="x", kind="x", legs=[Move("person:a", WALLET, 1)], at=NOON)


def test_the_platform_keeps_no_running_balance(db: None) -> None:
    give("person:a", 10)

    assert Account.objects.get(holder=PLATFORM).balance is None


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_leg"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_was_posted(db: None, table: str, verb: str) -> None:
    give("person:a", 10)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb.format(table))

    assert Leg.objects.count() == 2


def test_verify_names_a_balance_that_its_legs_do_not_say(db: None) -> None:
    give("person:a", 10)
    Account.objects.filter(holder="person:a").update(balance=11)

    assert str(first_difference()) == "person:a wallet CREDIT: kept 11, its rows say 10"


@pytest.mark.django_db(transaction=True)
def test_64_spends_at_once_with_enough_for_10_are_10() -> None:
    give("person:a", 10)
    spent: list[bool] = []
    together = Barrier(64)

    def one(number: int) -> None:
        together.wait()
        try:
            spend("person:a", 1, key=f"spend:{number}")
            spent.append(True)
        except NotEnough:
            spent.append(False)
        finally:
            connections.close_all()

    threads = [Thread(target=one, args=[number]) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (spent.count(True), spent.count(False)) == (10, 54)
    assert balance_of("person:a") == 0
    assert first_difference() is None
