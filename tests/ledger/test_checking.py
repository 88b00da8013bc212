"""The books are added up again and again; while they disagree, nothing is charged."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from atrium.audit.models import AuditEntry
from atrium.ledger.actions import (
    ReasonNeeded,
    StillDisagree,
    check_all_books,
    check_recent_books,
    clear_disagreement,
    freeze,
    grant,
    hold,
    release,
    settle,
    take_back,
    thaw,
)
from atrium.ledger.guard import BooksDisagree, books_agree
from atrium.ledger.models import Account, Checkpoint, Disagreement, Entry, Hold, Leg
from atrium.ledger.queries import balance_of, first_difference
from tests import make

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)
ANN = "person:ann"


@pytest.fixture(autouse=True)
def books(db: None) -> None:
    """Ann's wallet, with something of every kind in its story."""
    grant(holder=ANN, amount=100, key="start", kind="gift", at=NOON)
    settle(held=aside(20, "settled"), amount=15, at=NOON)
    release(held=aside(20, "released"), at=NOON)
    settle(held=aside(5, "for nothing"), amount=0, at=NOON)
    aside(7, "open")
    freeze(holder=ANN, amount=9, key="dispute", at=NOON)
    freeze(holder=ANN, amount=4, key="another", at=NOON)
    thaw(key="another", at=NOON)
    take_back(holder="person:ben", amount=3, key="taken", kind="refund", at=NOON)


def aside(amount: int, key: str) -> Hold:
    return hold(key=key, holder=ANN, amount=amount, at=NOON, deadline=LATER)


@contextmanager
def without_triggers(table: str) -> Iterator[None]:
    """Let somebody with the database's own password change what was posted."""
    dropped = []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else what waits for them forbids it
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        else:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
                [table],
            )
            dropped = cursor.fetchall()
            for name, _made in dropped:
                cursor.execute(f"DROP TRIGGER {name}")
        yield
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for _name, made in dropped:
            cursor.execute(made)


def run_sql(statement: str, *values: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def tamper_with_a_leg(by: int = 5) -> None:
    leg = Leg.objects.get(entry__key="start", account__holder=ANN)
    with without_triggers("ledger_leg"):
        run_sql("UPDATE ledger_leg SET amount = amount + %s WHERE id = %s", by, leg.pk)


def test_books_that_agree_are_left_alone() -> None:
    assert not check_recent_books(at=NOON)
    assert check_all_books(at=NOON) == 0
    assert books_agree()
    assert Checkpoint.objects.get().last_entry == Entry.objects.latest("pk").pk


def test_an_amount_that_was_changed_stops_all_charging() -> None:
    tamper_with_a_leg()

    check_recent_books(at=NOON)

    said = sorted(Disagreement.objects.values_list("said", flat=True))
    assert said == [
        "entry start: kept 0, its rows say 5",
        "person:ann wallet CREDIT: kept 69, its rows say 74",
    ]
    with pytest.raises(BooksDisagree) as refused:
        aside(1, "more")
    assert (refused.value.status, refused.value.code) == (503, "books_disagree")


def test_what_is_under_way_ends_and_what_is_given_comes_all_the_same() -> None:
    tamper_with_a_leg()
    check_all_books(at=NOON)

    settle(held=Hold.objects.get(key="open"), amount=2, at=LATER)
    grant(holder=ANN, amount=10, key="bought", kind="bought", at=LATER)

    assert balance_of(ANN) == 69 + 5 + 10


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE ledger_account SET balance = 70 WHERE balance = 69", "person:ann wallet"),
        ("UPDATE ledger_account SET balance = -2 WHERE balance = -3", "person:ben debt"),
        ("UPDATE ledger_account SET balance = 8 WHERE balance = 9", "person:ann frozen"),
        ("UPDATE ledger_hold SET amount = 6 WHERE key = 'open'", "person:ann held"),
        ("UPDATE ledger_hold SET settled_amount = 14 WHERE key = 'settled'", "hold "),
        ("UPDATE ledger_hold SET amount = 30 WHERE key = 'released'", "hold "),
        (
            "UPDATE ledger_hold SET state = 'released', ended_at = made_at WHERE key = 'open'",
            "person:ann held",
        ),
        ("UPDATE ledger_hold SET state = 'settled' WHERE key = 'released'", "hold "),
    ],
)
def test_whatever_is_changed_is_named(change: str, named: str) -> None:
    run_sql(change)

    difference = first_difference()

    assert difference
    assert str(difference).startswith(named)
    check_all_books(at=NOON)
    assert not books_agree()


def test_a_thaw_that_lost_its_freeze_is_named() -> None:
    with without_triggers("ledger_entry"):
        run_sql("UPDATE ledger_entry SET key = 'lost' WHERE key LIKE 'thaw:%%'")

    assert str(first_difference()).startswith("person:ann frozen")


def test_a_removed_entry_is_named() -> None:
    with without_triggers("ledger_leg"), without_triggers("ledger_entry"):
        entry = Entry.objects.get(key="start")
        run_sql("DELETE FROM ledger_leg WHERE entry_id = %s", entry.pk)
        run_sql("DELETE FROM ledger_entry WHERE id = %s", entry.pk)

    assert str(first_difference()) == "person:ann wallet CREDIT: kept 69, its rows say -31"


def test_the_recent_are_checked_in_slices_and_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atrium.ledger.actions.checking.SLICE", 3)
    slices = 1
    while check_recent_books(at=NOON):
        slices += 1

    assert slices == -(-Entry.objects.latest("pk").pk // 3)
    Account.objects.filter(holder=ANN, purpose="wallet").update(balance=70)
    grant(holder="person:ben", amount=1, key="other", kind="gift", at=NOON)
    monkeypatch.setattr("atrium.ledger.actions.checking._OVERLAP", 0)
    check_recent_books(at=NOON)
    assert books_agree(), "nobody touched that account since"
    assert check_all_books(at=NOON) == 1
    assert not books_agree()


def test_a_disagreement_is_noted_once_however_often_it_is_found() -> None:
    tamper_with_a_leg()
    for _again in range(3):
        check_all_books(at=NOON)

    assert Disagreement.objects.count() == 2
    assert AuditEntry.objects.filter(action="ledger.books_disagree").count() == 2


def test_verify_names_the_first_and_fails() -> None:
    tamper_with_a_leg()
    told = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("ledger", "verify", stdout=told)

    assert ended.value.code == 1
    assert told.getvalue() == "The books disagree. entry start: kept 0, its rows say 5\n"


def test_verify_tells_what_is_open_frozen_and_owed() -> None:
    told = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("ledger", "verify", stdout=told)

    assert ended.value.code == 0
    assert told.getvalue() == (
        f"The books agree: {Entry.objects.count()} entries, 0 closed days. Open holds: 1, 1"
        " of them overdue; frozen: 9, owed: 3 micro-credits.\n"
    )


def test_it_is_cleared_only_when_put_right_and_with_a_reason() -> None:
    tamper_with_a_leg()
    check_all_books(at=NOON)
    first, second = Disagreement.objects.order_by("thing_kind")

    with pytest.raises(StillDisagree):
        clear_disagreement(disagreement=first, by="person:root", reason="looked", at=LATER)
    tamper_with_a_leg(by=-5)
    with pytest.raises(ReasonNeeded):
        clear_disagreement(disagreement=first, by="person:root", reason=" ", at=LATER)
    clear_disagreement(disagreement=first, by="person:root", reason="a bad disk", at=LATER)
    assert not books_agree()
    clear_disagreement(disagreement=second, by="person:root", reason="a bad disk", at=LATER)

    assert books_agree()
    aside(1, "more")
    cleared = AuditEntry.objects.filter(action="ledger.disagreement_cleared")
    assert [entry.by for entry in cleared] == ["person:root", "person:root"]


def test_every_page_says_so_until_it_is_cleared(client: Client) -> None:
    said = "Our books are being checked"
    assert said not in client.get("/").content.decode()
    tamper_with_a_leg()
    check_all_books(at=NOON)

    assert said in client.get("/announcements", headers={"HX-Request": "true"}).content.decode()
    assert said in client.get("/").content.decode()
    tamper_with_a_leg(by=-5)
    for one in Disagreement.objects.all():
        clear_disagreement(disagreement=one, by="person:root", reason="a bad disk", at=LATER)
    assert said not in client.get("/announcements", headers={"HX-Request": "true"}).content.decode()


def test_staff_see_what_differs_and_an_administrator_clears_it(client: Client) -> None:
    tamper_with_a_leg()
    check_all_books(at=NOON)
    one = Disagreement.objects.get(thing_kind="entry")
    page = f"/console/ledger/disagreement/{one.pk}"
    make.enter(client, make.person(username="fay", staff_areas=["finance"]))

    assert "entry start: kept 0" in client.get("/console/ledger/disagreement/").content.decode()
    assert "The books disagree" in client.get("/console/").content.decode()
    pressed = client.post(f"{page}/do/clear/", {"reason": "a bad disk"})
    assert pressed.status_code == 404

    make.enter(client, make.admin())
    tamper_with_a_leg(by=-5)
    client.post(f"{page}/do/clear/", {"reason": "a bad disk"})
    one.refresh_from_db()
    assert one.reason == "a bad disk"
