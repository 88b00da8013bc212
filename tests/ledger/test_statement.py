"""A statement is what a bank would write: each line once, and what is left after it."""

import csv
import io
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db.models import Sum
from django.test import Client

from atrium.kit.limits import LIMITS
from atrium.ledger import actions as ledger
from atrium.ledger.models import Leg
from atrium.ledger.statement import (
    BadFilter,
    Line,
    Sieve,
    balances_of,
    every_line,
    page_of_lines,
    sieve_of,
    under_way,
)
from atrium.people.actions import claim_guest, undo_claim
from atrium.people.caller import NOBODY
from atrium.people.models import Guest, User
from tests import make
from tests.conftest import Clock
from tests.ledger.books import NOON, audience, charge, give, hold

pytestmark = pytest.mark.django_db
OPEN = Sieve()


def lines_of(who: User | Guest, sieve: Sieve = OPEN, *, size: int = 200) -> list[Line]:
    return page_of_lines(make.caller(who), sieve, after=None, size=size).items


def said(lines: list[Line]) -> list[tuple[str, float, float]]:
    return [(line.kind.key, line.amount / 10**6, line.balance / 10**6) for line in lines]


def test_a_call_is_one_line(alice: User) -> None:
    give(alice, 10)
    charge(alice, 2)

    assert said(lines_of(alice)) == [("settle", -2, 8), ("adjustment", 10, 10)]


def test_what_is_set_aside_is_under_way_and_no_line(alice: User) -> None:
    give(alice, 10)
    held = hold(alice, 3)

    assert said(lines_of(alice)) == [("adjustment", 10, 10)]
    [(found, _told)] = under_way(make.caller(alice))
    assert found.pk == held.pk
    [balance] = balances_of(make.caller(alice))
    assert (balance.to_spend, balance.set_aside, balance.in_all) == (7 * 10**6, 3 * 10**6, 10**7)
    ledger.release(held=held, at=NOON)
    assert said(lines_of(alice)) == [("adjustment", 10, 10)]
    assert under_way(make.caller(alice)) == []


def test_what_was_taken_back_after_it_was_spent_is_below_nothing(alice: User) -> None:
    give(alice, 10)
    charge(alice, 7)
    ledger.take_back(holder=audience(alice), amount=10**7, key="r", kind="refund", at=NOON)

    assert said(lines_of(alice))[0] == ("refund", -10, -7)
    give(alice, 20)
    assert said(lines_of(alice))[0] == ("adjustment", 20, 13)
    [balance] = balances_of(make.caller(alice))
    assert (balance.to_spend, balance.owed) == (13 * 10**6, 0)


def test_what_is_frozen_stands_there_and_changes_nothing(alice: User) -> None:
    give(alice, 10)
    ledger.freeze(holder=audience(alice), amount=4 * 10**6, key="f", at=NOON)

    assert said(lines_of(alice))[0] == ("freeze", 0, 10)
    assert lines_of(alice)[0].moved == 4 * 10**6
    assert balances_of(make.caller(alice))[0].frozen == 4 * 10**6
    ledger.thaw(key="f", at=NOON)
    assert [line.kind.key for line in lines_of(alice)] == ["thaw", "freeze", "adjustment"]


def test_after_a_claim_the_guests_lines_are_the_persons(alice: User) -> None:
    guest = make.guest()
    give(alice, 7)
    give(guest, 50)
    charge(guest, 5)
    claim = claim_guest(guest=guest, person=alice, at=NOON)

    assert claim
    assert said(lines_of(alice)) == [
        ("claim", 0, 52),
        ("settle", -5, 52),
        ("adjustment", 50, 57),
        ("adjustment", 7, 7),
    ]
    assert lines_of(alice)[0].moved == 45 * 10**6
    undo_claim(claim=claim, at=NOON)
    assert said(lines_of(alice)) == [
        ("claim_undone", -45, 7),
        ("claim", 45, 52),
        ("adjustment", 7, 7),
    ]
    assert [amount for _kind, amount, _left in said(lines_of(guest))] == [45, -45, -5, 50]


def test_nobody_reads_what_is_anothers(alice: User, charlie: User) -> None:
    give(alice, 10)

    assert lines_of(charlie) == []
    assert page_of_lines(NOBODY, OPEN, after=None, size=5).items == []
    assert [one.to_spend for one in balances_of(make.caller(charlie))] == [0]


# Filters, pages, and a balance that stays true with them


@pytest.fixture
def busy(alice: User) -> User:
    """Forty days of a person who is given something every week, and calls every day."""
    for day in range(40):
        at = NOON + timedelta(days=day)
        if day % 7 == 0:
            give(alice, 20, key=f"week {day}", at=at)
        charge(alice, 1.25, key=f"call {day}", at=at)
    hold(alice, 2, key="open", at=NOON + timedelta(days=40))
    return alice


def legs_until(who: User, number: int) -> int:
    mine = Leg.objects.filter(account__holder=audience(who), entry_id__lte=number)
    return int(mine.aggregate(sum=Sum("amount"))["sum"])


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"kind": "settle"},
        {"kind": "adjustment"},
        {"since": "2026-12-01"},
        {"until": "2026-12-01"},
        {"kind": "settle", "since": "2026-11-25", "until": "2026-12-05"},
    ],
)
@pytest.mark.parametrize("size", [1, 7, 200])
def test_each_balance_is_the_sum_of_the_legs_so_far(
    busy: User, filters: dict[str, str], size: int
) -> None:
    caller = make.caller(busy)
    sieve, after, found = sieve_of(caller, **filters), None, []
    while True:
        page = page_of_lines(caller, sieve, after=after, size=size)
        found += page.items
        after = page.next
        if after is None:
            break

    assert found
    assert [line.balance for line in found] == [legs_until(busy, one.number) for one in found]
    assert all(one.number > two.number for one, two in pairwise(found))
    assert found == [line for some in every_line(caller, sieve) for line in some]


def test_days_are_those_of_the_readers_calendar_and_both_count(alice: User) -> None:
    alice.time_zone = "Pacific/Kiritimati"  # fourteen hours ahead
    give(alice, 1, key="late on the 20th", at=NOON - timedelta(hours=3))
    give(alice, 2, key="on the 22nd there", at=NOON)
    caller = make.caller(alice)

    def on(since: str, until: str) -> list[float]:
        sieve = sieve_of(caller, since=since, until=until)
        return [line.amount / 10**6 for line in lines_of(alice, sieve)]

    assert on("2026-11-21", "2026-11-21") == [1]
    assert on("2026-11-22", "2026-11-22") == [2]
    assert on("2026-11-21", "") == [2, 1]
    assert on("", "2026-11-20") == []


@pytest.mark.parametrize(
    "day",
    [
        *(
            "yesterday",
            "2026-02-31",
            "20261121",
            "2026-W47-6",
            "२०२६-११-२१",
            "2026-13-01",
            "0001-01-01",
        ),
        *("9999-12-31", "2026-11-21T12:00", "1e3", "-1", "2026-11-21\n2026"),
    ],
)
def test_what_is_no_day_is_refused_by_its_field(alice: User, day: str) -> None:
    with pytest.raises(BadFilter) as refused:
        sieve_of(make.caller(alice), since=day, until="2026-11-21")

    assert set(refused.value.fields) == {"since"}


def test_days_the_wrong_way_round_and_unknown_kinds_are_refused(alice: User) -> None:
    with pytest.raises(BadFilter) as refused:
        sieve_of(make.caller(alice), kind="theft", since="2026-11-22", until="2026-11-21")

    assert set(refused.value.fields) == {"kind", "until"}


# The page


@pytest.fixture
def desk(alice: User, clock: Clock) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def test_the_page_says_what_is_there_and_rounds_for_the_house(desk: Client, alice: User) -> None:
    give(alice, 1234.567891)
    ledger.settle(held=hold(alice, 1), amount=1, at=NOON)
    hold(alice, 2, key="under way")

    page = desk.get("/wallet/statement").content.decode()

    assert "1,232.56" in page  # to spend, down
    assert "−0.01" in page  # charged, up
    assert "+1,234.56" in page  # given, down
    assert "up to 2.00" in page
    assert "Charged" in page


def test_a_guest_has_a_statement_and_a_new_one_an_empty_room(client: Client, db: None) -> None:
    page = client.get("/wallet/statement")

    assert page.status_code == 200
    assert "No lines yet" in page.content.decode()


def test_wrong_days_are_said_beside_the_field(desk: Client, alice: User) -> None:
    give(alice, 1)

    page = desk.get("/wallet/statement?since=soon")

    assert page.status_code == 422
    assert "Write the day as year, month and day" in page.content.decode()
    assert "No lines yet" not in page.content.decode()


def test_htmx_is_sent_the_part_alone(desk: Client, alice: User) -> None:
    give(alice, 1)

    part = desk.get("/wallet/statement", headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in part
    assert "+1.00" in part


def test_what_is_filtered_stays_filtered_on_the_next_page(desk: Client, busy: User) -> None:
    for number in range(LIMITS.page_items):
        charge(busy, 0.01, key=f"more {number}")

    page = desk.get("/wallet/statement?kind=settle&since=2026-11-01").content.decode()

    assert "?kind=settle&amp;since=2026-11-01&amp;after=" in page


def test_a_mark_of_nobodys_making_is_refused(desk: Client) -> None:
    assert desk.get("/wallet/statement?after=5").status_code == 400


# The table


def rows_of(answer: object) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))


def test_the_table_is_exact_and_adds_up(desk: Client, busy: User) -> None:
    answer = desk.get("/wallet/statement.csv")
    rows = rows_of(answer)

    assert answer["Content-Disposition"] == 'attachment; filename="statement-2026-11-21.csv"'
    assert rows[0] == ["number", "when", "kind", "what for", "credits", "balance after it"]
    assert len(rows) == 47
    assert rows[1][2:] == ["Charged", "", "-1.250000", "70.000000"]
    assert sum(float(row[4]) for row in rows[1:]) == float(rows[1][5])


def test_the_table_is_filtered_like_the_page(desk: Client, busy: User) -> None:
    rows = rows_of(desk.get("/wallet/statement.csv?kind=adjustment&until=2026-11-30"))

    assert [row[4] for row in rows[1:]] == ["20.000000", "20.000000"]
    assert desk.get("/wallet/statement.csv?since=1").status_code == 422
