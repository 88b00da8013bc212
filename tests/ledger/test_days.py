"""Days of the books are closed in a chain, and a line is proven by a script that knows nothing."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client

from atrium.ledger import actions as ledger
from atrium.ledger import check, days
from atrium.ledger.days import NotClosedYet, first_broken_day, proof_of
from atrium.ledger.models import Day, Entry
from atrium.people.actions import claim_guest
from atrium.people.models import User
from tests import make
from tests.ledger.books import NOON, charge, give

pytestmark = pytest.mark.django_db
NEXT = datetime(2026, 11, 22, 1, tzinfo=UTC)
Change = Callable[[dict[str, Any]], None]


def close(at: datetime = NEXT) -> list[Day]:
    closed = []
    while day := ledger.close_next_day(at=at):
        closed.append(day)
    return closed


def run(proof: dict[str, Any], tmp_path: Path, *known: str) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(proof))
    asked = [sys.executable, "-I", check.__file__, str(path), *known]
    return subprocess.run(asked, capture_output=True, text=True, check=False)


# Closing


def test_a_day_is_closed_once_it_is_over(alice: User) -> None:
    give(alice, 10)
    charge(alice, 1)

    assert close(NOON) == []
    [day] = close()

    assert (day.date, day.entries) == (date(2026, 11, 21), Entry.objects.count())
    assert close() == []
    assert first_broken_day() == ""


def test_what_comes_late_stands_in_the_next_day_and_changes_no_other(alice: User) -> None:
    give(alice, 10)
    [day] = close()
    root = day.root
    late = give(alice, 1, key="late", at=NOON)
    give(alice, 1, key="on its day", at=NOON + timedelta(days=1))

    [second] = close(NEXT + timedelta(days=1))

    assert (second.date, second.entries, second.first_entry) == (date(2026, 11, 22), 2, late.pk)
    assert second.before == day.head
    assert Day.objects.get(date=day.date).root == root
    assert first_broken_day() == ""


def test_days_without_entries_are_left_out_and_those_missed_are_closed_in_order(
    alice: User,
) -> None:
    for number in (0, 1, 5):
        give(alice, 1, key=f"{number}", at=NOON + timedelta(days=number))

    closed = close(NEXT + timedelta(days=9))

    assert [day.date.day for day in closed] == [21, 22, 26]
    assert [day.before for day in closed] == ["", closed[0].head, closed[1].head]


def test_an_entry_ahead_of_its_time_waits_for_its_day(alice: User) -> None:
    give(alice, 1, key="ahead", at=NOON + timedelta(days=3))
    assert close() == []

    give(alice, 1, key="now", at=NOON)

    [day] = close()
    assert day.entries == 2  # numbers go before dates: nothing is left behind


@pytest.mark.parametrize("verb", ["UPDATE ledger_day SET root = root", "DELETE FROM ledger_day"])
def test_the_database_refuses_to_change_a_closed_day(alice: User, verb: str) -> None:
    give(alice, 10)
    close()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb)

    assert Day.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_entry_under_way_is_waited_for() -> None:
    """It has its number already, and must not be missing from a day that reaches beyond it."""
    alice, bob = make.person(username="alice"), make.person(username="bob")
    give(alice, 1, key="first", at=NOON)  # opens what of ours every entry stands against
    posted, go_on, closing = Event(), Event(), list[Day]()

    def post_slowly() -> None:
        with transaction.atomic():
            give(alice, 1, key="slow", at=NOON)
            posted.set()
            go_on.wait(10)

    slow, closer = _thread(post_slowly), _thread(lambda: closing.extend(close()))
    slow.start()
    assert posted.wait(10)
    if connection.vendor == "postgresql":  # on SQLite nobody else writes meanwhile
        give(bob, 1, key="quick", at=NOON)
    closer.start()
    while connection.vendor == "postgresql" and closer.is_alive() and not _somebody_waits():
        closer.join(0.01)
    go_on.set()
    slow.join()
    closer.join()
    closing.extend(close())

    covered = {entry.pk for day in closing for entry in _entries_of(day)}
    assert covered == set(Entry.objects.values_list("pk", flat=True))
    assert first_broken_day() == ""


def _thread(work: Callable[[], object]) -> Thread:
    def worked() -> None:
        try:
            work()
        finally:
            connections.close_all()

    return Thread(target=worked)


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'ledger_entry'::regclass"
        )
        return cursor.fetchone() is not None


def _entries_of(day: Day) -> list[Entry]:
    return list(days.entries_between(day.first_entry, day.last_entry))


# The chain


def test_a_changed_entry_breaks_its_day(alice: User, capsys: pytest.CaptureFixture[str]) -> None:
    give(alice, 10)
    give(alice, 1, key="next", at=NOON + timedelta(days=1))
    close(NEXT + timedelta(days=1))
    with connection.cursor() as cursor:
        for trigger in _triggers("ledger_entry"):
            cursor.execute(trigger)
        cursor.execute("UPDATE ledger_entry SET key = 'another' WHERE key = 'next'")

    assert first_broken_day() == (
        "The entries of 2026-11-22 are not as they were when it was closed."
    )
    with pytest.raises(SystemExit) as ended:
        call_command("ledger", "verify")
    assert ended.value.code == 1
    assert "2026-11-22" in capsys.readouterr().out


def _triggers(table: str) -> list[str]:
    if connection.vendor == "postgresql":
        return [f"DROP TRIGGER {table}_no_change ON {table}"]
    return [f"DROP TRIGGER {table}_no_UPDATE", f"DROP TRIGGER {table}_no_DELETE"]


def test_a_row_put_between_is_noticed(alice: User) -> None:
    for number in range(2):
        give(alice, 1, key=f"{number}", at=NOON + timedelta(days=number))
    first, second = close(NEXT + timedelta(days=1))
    with connection.cursor() as cursor:
        for trigger in _triggers("ledger_day"):
            cursor.execute(trigger)
    Day.objects.filter(pk=first.pk).delete()

    assert "2026-11-22 does not follow" in first_broken_day()
    assert second.before == first.head


# Proofs


@pytest.fixture
def proof(alice: User) -> dict[str, Any]:
    """Of the third of seven entries, with a day after it."""
    give(alice, 10)
    charge(alice, 1, key="one")
    charge(alice, 2, key="two")
    give(alice, 1, key="next", at=NOON + timedelta(days=1))
    close(NEXT + timedelta(days=1))
    third = Entry.objects.order_by("pk")[2]
    return proof_of(third.pk, caller=make.caller(alice))


def test_a_proof_holds_without_us(proof: dict[str, Any], tmp_path: Path) -> None:
    head = Day.objects.latest("date").head

    checked = run(proof, tmp_path, head)

    assert (checked.returncode, checked.stderr) == (0, "")
    assert f"Entry {proof['entry']['number']} holds: " in checked.stdout
    assert "-1500000 CREDIT (held)" in checked.stdout
    assert head in checked.stdout


def _other_amount(proof: dict[str, Any]) -> None:
    next(leg["leg"] for leg in proof["legs"] if "leg" in leg)["amount"] += 1


def _other_holder(proof: dict[str, Any]) -> None:
    next(leg["leg"] for leg in proof["legs"] if "leg" in leg)["holder"] = "person:another"


def _no_leg(proof: dict[str, Any]) -> None:
    proof["legs"].pop()


def _other_side(proof: dict[str, Any]) -> None:
    for step in proof["path"]:
        step["side"] = "right" if step["side"] == "left" else "left"


CHANGES: list[Change] = [
    *(_other_amount, _other_holder, _no_leg, _other_side),
    lambda proof: proof["entry"].update(at="2026-11-20T12:00:00.000000+00:00"),
    lambda proof: proof["entry"].update(key="another"),
    lambda proof: proof["path"].pop(),
    lambda proof: proof["after"].pop(),
    lambda proof: proof.update(date="2026-11-20"),
    lambda proof: proof.update(before="0" * 64),
    lambda proof: proof.update(head="0" * 64),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_proof_does_not_hold(
    proof: dict[str, Any], change: Change, tmp_path: Path
) -> None:
    change(proof)

    checked = run(proof, tmp_path)

    assert checked.returncode == 1
    assert "does not hold" in checked.stderr


def test_a_proof_of_other_books_is_told_by_its_head(proof: dict[str, Any], tmp_path: Path) -> None:
    checked = run(proof, tmp_path, "0" * 64)

    assert checked.returncode == 1
    assert "other books" in checked.stderr


def test_the_script_is_short_and_needs_nothing() -> None:
    text = Path(check.__file__).read_text()

    assert text.count("\n") <= 40
    assert {line for line in text.splitlines() if "import" in line} == {
        *("import hashlib", "import json", "import sys", "from pathlib import Path")
    }


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 9, 17])
def test_every_entry_of_a_day_of_any_size_can_be_proven(
    alice: User, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days, "RUN", 4)
    for number in range(count):
        give(alice, 1, key=f"{number}")
    [day] = close()

    for entry in Entry.objects.all():
        proof = proof_of(entry.pk, caller=make.caller(alice))
        path = tmp_path / "proof.json"
        path.write_text(json.dumps(proof))
        assert day.head in check.main(str(path), day.head)


def test_what_is_others_stands_there_as_a_number_only(proof: dict[str, Any]) -> None:
    shown = json.dumps(proof)

    assert "platform" not in shown
    assert sum("hash" in leg for leg in proof["legs"]) == 1


def test_only_whose_it_is_get_a_proof_and_only_of_a_closed_day(
    client: Client, alice: User, charlie: User
) -> None:
    given = give(alice, 10)
    where = f"/wallet/statement/proof/{given.pk}"
    client.force_login(alice)
    assert client.get(where).status_code == 409
    with pytest.raises(NotClosedYet):
        proof_of(given.pk, caller=make.caller(alice))
    close()

    answer = client.get(where)

    assert answer.status_code == 200
    assert answer.json()["entry"]["number"] == given.pk
    assert "attachment" in answer["Content-Disposition"]
    client.force_login(charlie)
    assert client.get(where).status_code == 404
    assert Client().get(where).status_code == 404
    assert client.get(f"/wallet/statement/proof/{10**30}").status_code == 404


def test_a_guests_lines_are_proven_to_who_claimed_them(alice: User) -> None:
    guest = make.guest()
    given = give(guest, 10)
    claim_guest(guest=guest, person=alice, at=NOON)
    close()

    assert proof_of(given.pk, caller=make.caller(alice))["entry"]["number"] == given.pk


# Pages


def test_anybody_reads_the_heads_and_the_script(client: Client, proof: dict[str, Any]) -> None:
    page = client.get("/ledger/days").content.decode()

    for day in Day.objects.all():
        assert day.root in page
        assert day.head in page
    script = client.get("/wallet/statement/check.py")
    assert script.content.decode() == Path(check.__file__).read_text()


def test_without_a_closed_day_the_page_says_when_there_will_be_one(
    client: Client, db: None
) -> None:
    assert "No day is closed yet" in client.get("/ledger/days").content.decode()


def test_lines_of_closed_days_lead_to_their_proof(client: Client, alice: User) -> None:
    given = give(alice, 10)
    client.force_login(alice)
    where = f"/wallet/statement/proof/{given.pk}"
    assert where not in client.get("/wallet/statement").content.decode()
    close()

    assert where in client.get("/wallet/statement").content.decode()
