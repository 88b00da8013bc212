from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from atrium.jobs import registry
from atrium.jobs.actions import enqueue
from atrium.jobs.inline import run_due
from atrium.jobs.models import Job
from atrium.jobs.registry import Priority
from atrium.jobs.run import Run
from atrium.kit.ids import new_id
from tests.conftest import Clock

pytestmark = pytest.mark.django_db
Marks = Callable[[], list[str]]


def test_a_job_runs_once_and_is_done(marks: Marks, clock: Clock) -> None:
    job = enqueue("test.mark", word="hello", at=clock.now)
    assert job.state == Job.State.WAITING

    assert run_due() == 1
    assert run_due() == 0

    job.refresh_from_db()
    assert marks() == ["hello"]
    assert (job.state, job.attempt, job.ended_at) == (Job.State.DONE, 1, clock.now)


def test_the_row_says_for_whom_and_about_what(clock: Clock) -> None:
    about = new_id()
    job = enqueue(
        "test.mark", word="x", owner="person:1", about=("sources.Document", about), at=clock.now
    )
    job.refresh_from_db()
    assert (job.owner, job.about_kind, job.about_id) == ("person:1", "sources.Document", about)
    assert list(Job.objects.of("person:1").about("sources.Document", about)) == [job]
    assert not Job.objects.of("person:2").exists()


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_transaction_that_failed_was_never_asked_for(clock: Clock) -> None:
    with transaction.atomic():
        enqueue("test.mark", word="x", at=clock.now)
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_a_delayed_job_waits_for_its_time(marks: Marks, clock: Clock) -> None:
    job = enqueue("test.mark", word="later", delay=timedelta(minutes=5), at=clock.now)
    assert job.state == Job.State.SCHEDULED
    clock.forward(minutes=4)
    assert run_due() == 0
    clock.forward(minutes=1)
    assert run_due() == 1
    assert marks() == ["later"]


def test_a_key_gives_back_the_job_it_was_used_for(marks: Marks, clock: Clock) -> None:
    first = enqueue("test.mark", word="one", key="charge:1", at=clock.now)
    again = enqueue("test.mark", word="two", key="charge:1", at=clock.now)
    run_due()
    after = enqueue("test.mark", word="three", key="charge:1", at=clock.now)
    assert first == again == after
    assert after.state == Job.State.DONE
    assert run_due() == 0
    assert marks() == ["one"]


def test_jobs_without_a_key_are_never_the_same(clock: Clock) -> None:
    assert enqueue("test.mark", word="x", at=clock.now) != enqueue(
        "test.mark", word="x", at=clock.now
    )


def test_a_job_nobody_registered_cannot_be_asked_for(clock: Clock) -> None:
    with pytest.raises(registry.UnknownJob):
        enqueue("test.no_such_job", at=clock.now)


@pytest.mark.parametrize("arguments", [{}, {"word": "x", "more": 1}])
def test_arguments_the_function_would_not_take_are_refused_at_once(
    arguments: dict[str, Any], clock: Clock
) -> None:
    with pytest.raises(TypeError):
        enqueue("test.mark", at=clock.now, **arguments)


def test_uuids_and_times_arrive_as_such(clock: Clock) -> None:
    got: list[object] = []
    about = new_id()

    def take(run: Run, *, which: UUID, since: Any, rest: Any = None) -> None:
        got.extend((which, since, rest))

    registry.job("test.take")(take)
    enqueue("test.take", which=about, since=clock.now, rest={"a": [1, "ä"]}, at=clock.now)
    run_due()
    assert got[0] == about
    assert got[1] == clock.now.isoformat().replace("+00:00", "Z")
    assert got[2] == {"a": [1, "ä"]}


def test_urgent_jobs_go_first_whoever_asks(marks: Marks, clock: Clock) -> None:
    for word, priority in [
        ("later", Priority.LATER),
        ("normal", None),
        ("now", Priority.NOW),
        ("soon", Priority.SOON),
    ]:
        enqueue("test.mark", word=word, priority=priority, owner="person:1", at=clock.now)
    run_due()
    assert marks() == ["now", "soon", "normal", "later"]
