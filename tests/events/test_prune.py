from datetime import timedelta

import pytest

from atrium.events import actions, registry
from atrium.events.actions import prune, tell
from atrium.events.models import RecordedEvent, StreamEvent
from atrium.events.queries import PAGE, position, since
from atrium.jobs.actions import enqueue
from atrium.jobs.inline import run_due
from tests.conftest import Clock
from tests.events.facts import BookOpened

ALICE, BOB = "person:alice", "person:bob"


@pytest.fixture
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "PRUNED_AT_ONCE", 3)


@pytest.mark.usefixtures("_small_batches", "db")
def test_what_is_old_goes_and_the_count_goes_on(clock: Clock) -> None:
    for _number in range(10):
        tell(ALICE, "old", {}, at=clock.now)
    registry.record(BookOpened(title="Emma"), at=clock.now)
    clock.forward(days=15)
    tell(ALICE, "new", {}, at=clock.now)
    assert prune(at=clock.now) == 10
    assert prune(at=clock.now) == 0
    assert list(StreamEvent.objects.values_list("seq", flat=True)) == [11]
    assert RecordedEvent.objects.count() == 1
    assert prune(at=clock.forward(days=80)) == 2
    assert position(ALICE) == 11
    assert tell(ALICE, "newer", {}, at=clock.now) == 12


def test_the_job_prunes_what_is_old(db: None, clock: Clock) -> None:
    tell(ALICE, "old", {}, at=clock.now - timedelta(days=15))
    tell(ALICE, "new", {}, at=clock.now)
    enqueue("events.prune", at=clock.now)
    assert run_due(at=clock.now) == 1
    assert StreamEvent.objects.get().seq == 2


def test_who_asks_after_something_pruned_begins_anew(db: None, clock: Clock) -> None:
    for _number in range(5):
        tell(ALICE, "old", {}, at=clock.now)
    clock.forward(days=15)
    tell(ALICE, "new", {}, at=clock.now)
    prune(at=clock.now)
    assert since(ALICE, 2) == ([], 6, True, False)
    assert [event.seq for event in since(ALICE, 5).events] == [6]
    assert since(ALICE, 6) == ([], 6, False, False)
    prune(at=clock.forward(days=30))
    assert since(ALICE, 5) == ([], 6, True, False)
    assert since(ALICE, None) == ([], 6, False, False)


def test_who_remembers_a_future_that_never_was_begins_anew(db: None, clock: Clock) -> None:
    tell(ALICE, "a", {}, at=clock.now)
    assert since(ALICE, 7) == ([], 1, True, False)
    assert since(BOB, 7) == ([], 0, True, False)
    assert since(BOB, 0) == ([], 0, False, False)


def test_much_is_read_a_page_at_a_time(db: None, clock: Clock) -> None:
    for number in range(PAGE + 5):
        tell(ALICE, "a", {"number": number}, at=clock.now)
    page = since(ALICE, 0)
    assert [event.seq for event in page.events] == list(range(1, PAGE + 1))
    assert (page.last, page.has_more) == (PAGE, True)
    page = since(ALICE, page.last)
    assert [event.seq for event in page.events] == list(range(PAGE + 1, PAGE + 6))
    assert (page.last, page.has_more) == (PAGE + 5, False)
