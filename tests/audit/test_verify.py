import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from atrium.audit.actions import note
from atrium.audit.chain import hash_of
from atrium.audit.models import AuditEntry, ChainHead
from atrium.audit.queries import verify

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@contextmanager
def as_the_owner_of_the_database() -> Iterator[None]:
    """Switch the triggers off, as somebody who holds the database can."""
    table = AuditEntry._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            yield
            cursor.execute("SET session_replication_role = DEFAULT")
            return
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table]
        )
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _name, sql in triggers:
            cursor.execute(sql)


def five() -> list[AuditEntry]:
    return [note(f"thing.{n}", by="system", detail={"n": n}, at=AT) for n in range(1, 6)]


def reworded() -> None:
    AuditEntry.objects.filter(number=3).update(by="somebody else")


def reworded_with_a_fresh_hash() -> None:
    entry = AuditEntry.objects.get(number=3)
    entry.by = "somebody else"
    AuditEntry.objects.filter(number=3).update(by=entry.by, hash=hash_of(entry))


def removed() -> None:
    AuditEntry.objects.filter(number=3).delete()


def cut_off() -> None:
    AuditEntry.objects.filter(number__gte=4).delete()


def emptied() -> None:
    AuditEntry.objects.all().delete()


def exchanged() -> None:
    AuditEntry.objects.filter(number=2).update(number=99)
    AuditEntry.objects.filter(number=3).update(number=2)
    AuditEntry.objects.filter(number=99).update(number=3)


def put_in_front() -> None:
    AuditEntry.objects.create(number=0, at=AT, by="system", action="x", hash="0")


def put_behind() -> None:
    AuditEntry.objects.create(number=6, at=AT, by="system", action="x", hash="0")


def cut_off_with_the_head() -> None:
    AuditEntry.objects.filter(number=5).delete()
    ChainHead.objects.update(length=4)


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (reworded, "Entry 3 was changed after it was written."),
        (reworded_with_a_fresh_hash, "Entry 4 does not follow entry 3."),
        (removed, "Entry 3 is missing."),
        (cut_off, "Entry 4 is missing: the list ends early."),
        (emptied, "Entry 1 is missing: the list ends early."),
        (exchanged, "Entry 2 does not follow entry 1."),
        (put_in_front, "Entry 0 was never given out."),
        (put_behind, "Entry 6 was never given out."),
        (cut_off_with_the_head, "Entry 4 is not the one the chain ends with."),
    ],
)
def test_each_way_of_tampering_is_named(tamper: Callable[[], None], said: str) -> None:
    five()
    with as_the_owner_of_the_database():
        tamper()
    assert verify().difference == said


def test_a_chain_rewritten_wholly_is_told_by_an_entry_that_was_written_down() -> None:
    third = five()[2]
    with as_the_owner_of_the_database():
        AuditEntry.objects.all().delete()
        ChainHead.objects.all().delete()
    for n in range(3):
        note("innocent", by="system", detail={"n": n}, at=AT)
    assert verify().is_true
    assert verify(known=(3, third.hash)).difference == (
        "Entry 3 is not the one that was written down."
    )
    assert verify(known=(5, third.hash)).difference == (
        "Entry 5 is missing: it was written down once."
    )


def test_an_empty_list_is_true() -> None:
    assert verify().is_true


def test_the_command_prints_one_object_and_ends_well() -> None:
    last = five()[-1]
    out = StringIO()
    call_command("audit", "verify", "--json", "--known", f"5:{last.hash}", stdout=out)
    assert json.loads(out.getvalue()) == {
        "true": True,
        "entries": 5,
        "head": last.hash,
        "difference": "",
    }


def test_the_command_names_the_first_difference_and_ends_badly() -> None:
    five()
    with as_the_owner_of_the_database():
        reworded()
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("audit", "verify", stdout=out)
    assert ended.value.code == 1
    assert out.getvalue().strip() == "Entry 3 was changed after it was written."
