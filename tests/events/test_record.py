from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import transaction

from atrium.events import registry
from atrium.events.models import RecordedEvent, StreamEvent
from atrium.events.registry import Event, record
from atrium.jobs.inline import run_due
from atrium.jobs.models import Job
from atrium.kit import clock
from tests.conftest import Clock
from tests.events.conftest import StartProcess
from tests.events.facts import BookOpened, LampLit, fails_left
from tests.jobs.conftest import until

Marks = Callable[[], list[str]]


def open_book(title: str = "Emma", reader: str = "") -> RecordedEvent:
    with transaction.atomic():
        return record(BookOpened(title=title, reader=reader), at=clock.now())


def deliveries() -> dict[str, str]:
    jobs = Job.objects.filter(name=registry.DELIVER)
    return {job.arguments["listener"].rpartition(".")[2]: job.state for job in jobs}


def test_each_listener_is_told_once_in_a_job_of_its_own(marks: Marks) -> None:
    row = open_book(reader="person:a")
    assert (row.name, row.payload) == (
        "tests.events.facts.BookOpened",
        {"title": "Emma", "reader": "person:a"},
    )
    assert marks() == []
    assert run_due() == 2
    assert run_due() == 0
    assert sorted(marks()) == ["shelved Emma", "stumbled over Emma"]
    assert StreamEvent.objects.get().payload == {"title": "Emma"}


def test_an_event_of_the_product_is_named_after_its_app() -> None:
    from atrium.sources.events import DocumentRead  # noqa: PLC0415

    assert DocumentRead.event_name == "sources.DocumentRead"


def test_a_listener_that_raises_leaves_nothing_and_is_tried_again_alone(
    marks: Marks, clock: Clock
) -> None:
    fails_left.append("no ladder")
    open_book()
    run_due()
    assert marks() == ["shelved Emma"]
    assert deliveries() == {"shelve": "done", "stumble": "scheduled"}
    run_due(at=clock.forward(hours=1))
    assert marks() == ["shelved Emma", "stumbled over Emma"]
    assert deliveries() == {"shelve": "done", "stumble": "done"}


@pytest.mark.django_db(transaction=True)
def test_an_event_without_the_change_it_tells_of_is_refused() -> None:
    with pytest.raises(AssertionError, match="in the transaction"):
        record(BookOpened(title="Emma"), at=clock.now())


@pytest.mark.django_db(transaction=True)
def test_an_event_of_a_change_that_did_not_happen_is_not_told(marks: Marks) -> None:
    with transaction.atomic():
        record(BookOpened(title="Emma"), at=clock.now())
        transaction.set_rollback(True)
    assert run_due() == 0
    assert not RecordedEvent.objects.exists()


def test_a_listener_that_was_removed_ends_its_job_with_a_note(
    marks: Marks, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_book()
    monkeypatch.delitem(registry._by_name, "tests.events.facts.shelve")
    run_due()
    job = Job.objects.get(arguments__listener="tests.events.facts.shelve")
    assert job.state == "done"
    assert marks() == ["stumbled over Emma"]
    assert "any more" in registry.deliver(
        event_id=1, listener="tests.events.facts.shelve", at=clock.now()
    )


def test_an_event_whose_class_was_removed_or_is_no_longer_kept_ends_its_job(
    marks: Marks, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_book("Emma")
    open_book("Persuasion").delete()
    monkeypatch.delitem(registry._types, BookOpened.event_name)
    assert run_due() == 4
    assert marks() == []
    assert set(deliveries().values()) == {"done"}


def test_a_stored_event_that_its_class_no_longer_fits_waits_among_the_dead(
    marks: Marks, clock: Clock
) -> None:
    row = open_book()
    RecordedEvent.objects.filter(pk=row.pk).update(payload={"titel": "Emma"})
    for _attempt in range(10):
        run_due(at=clock.forward(days=1))
    assert marks() == []
    assert set(deliveries().values()) == {"failed"}


def test_an_event_that_nobody_listens_to_is_kept_all_the_same(db: None) -> None:
    @dataclass(frozen=True, kw_only=True, slots=True)
    class LeafFell(Event):
        pass

    record(LeafFell(), at=clock.now())
    assert RecordedEvent.objects.get().payload == {}
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_listener_killed_on_its_way_takes_effect_once(
    marks: Marks, start_process: StartProcess, tmp_path: Path
) -> None:
    said, go = tmp_path / "said", tmp_path / "go"
    with transaction.atomic():
        record(LampLit(said=str(said), go=str(go)), at=clock.now())
    worker = start_process("worker_process.py", ATRIUM_JOB_LEASE_SECONDS="0.5")
    until(said.exists)
    worker.kill()  # its mark and its telling are written, and not committed
    worker.wait()
    assert marks() == []
    go.write_text("")
    start_process("worker_process.py", ATRIUM_JOB_LEASE_SECONDS="0.5")
    until(lambda: deliveries() == {"burn": "done"})
    assert marks() == ["burnt"]
    assert StreamEvent.objects.get(stream="person:lamp").seq == 1
