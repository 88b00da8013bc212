import threading
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from atrium.audit.actions import note
from atrium.audit.chain import coarse, hash_of
from atrium.audit.models import AuditEntry, ChainHead
from atrium.audit.queries import about, done_by, verify

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def noted(action: str = "option.set", **more: Any) -> AuditEntry:
    return note(action, **{"by": "system", "at": AT, **more})


@pytest.mark.django_db
def test_entries_are_numbered_without_holes_and_each_carries_the_hash_of_the_one_before() -> None:
    first, second = noted(), noted()
    assert (first.number, second.number) == (1, 2)
    assert first.prev_hash == ""
    assert second.prev_hash == first.hash != ""
    head = ChainHead.objects.get()
    assert (head.length, head.hash) == (2, second.hash)


@pytest.mark.django_db
def test_an_entry_says_the_same_after_it_was_read_back() -> None:
    detail = {"b": 1.50, "a": 10**22, "name": "Оля \x00 \ud800 १२", "none": None, "at": AT}
    east = AT.astimezone(timezone(timedelta(hours=5, minutes=45)))
    noted(detail=detail, about=("job", 7), address="203.0.113.77", at=east)
    entry = AuditEntry.objects.get()
    assert hash_of(entry) == entry.hash
    assert entry.detail["a"] == 10**22
    assert entry.detail["name"] == detail["name"]
    assert entry.address == "203.0.113.0/24"
    assert verify().is_true


@pytest.mark.django_db
def test_what_is_rolled_back_leaves_no_hole() -> None:
    noted()
    with transaction.atomic():
        noted()
        transaction.set_rollback(True)
    assert noted().number == 2
    assert verify().is_true


@pytest.mark.django_db
def test_entries_are_found_by_what_they_are_about_and_by_who_did_it() -> None:
    noted("a.b", about=("person", "p1"), by="console:root")
    noted("a.c", about=("person", "p1"))
    noted("a.d", about=("person", "p2"))
    assert [entry.action for entry in about("person", "p1")] == ["a.c", "a.b"]
    assert [entry.action for entry in done_by("console:root")] == ["a.b"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET action = 'nothing'",
        "DELETE FROM audit_auditentry",
        "DELETE FROM audit_auditentry WHERE number = 1",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_entry(statement: str) -> None:
    noted()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_who_note_at_once_make_one_chain_without_holes() -> None:
    threads, each, trouble = 8, 15, []
    start = threading.Barrier(threads)

    def write(name: str) -> None:
        start.wait()
        try:
            for _ in range(each):
                noted(by=name)
        except Exception as error:
            trouble.append(error)
        finally:
            connection.close()

    running = [threading.Thread(target=write, args=(f"system{n}",)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert not trouble
    assert verify() == verify(known=(1, AuditEntry.objects.get(number=1).hash))
    assert (verify().is_true, verify().entries) == (True, threads * each)


@pytest.mark.django_db(transaction=True)
def test_the_race_is_lost_by_who_only_reads_the_head(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one writer in at a time, whatever we forget")
    noted()
    both, trouble = threading.Barrier(2), []

    def unlocked() -> ChainHead:
        head = ChainHead.objects.get(pk=1)
        both.wait()
        head.length += 1
        return head

    monkeypatch.setattr("atrium.audit.actions._locked_head", unlocked)

    def write() -> None:
        try:
            noted()
        except DatabaseError as error:
            trouble.append(error)
        finally:
            connection.close()

    running = [threading.Thread(target=write) for _ in range(2)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert trouble


@pytest.mark.once
@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("", ""),
        ("not an address", ""),
    ],
)
def test_an_address_is_kept_as_its_neighbourhood(address: str, kept: str) -> None:
    assert coarse(address) == kept
