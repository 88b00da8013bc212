"""Nobody writes under a fence that is no longer theirs."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from atrium.jobs import endings, leases, queue, registry
from atrium.jobs.actions import enqueue
from atrium.jobs.attempt import attempt
from atrium.jobs.models import Job
from atrium.jobs.run import LeaseLost, Run
from tests.conftest import Clock
from tests.jobs import kinds

pytestmark = pytest.mark.django_db
Marks = Callable[[], list[str]]
LEASE = timedelta(seconds=30)


def claim(clock: Clock, worker: str = "w") -> Job:
    (job,) = queue.claim(worker=worker, count=1, lease=LEASE, at=clock.now)
    return job


def test_a_silent_workers_job_waits_again_after_the_lease_and_not_before(clock: Clock) -> None:
    job = enqueue("test.mark", word="x", at=clock.now)
    claim(clock)
    assert endings.reap(at=clock.forward(seconds=30)) == 0
    assert endings.reap(at=clock.forward(seconds=1)) == 1
    job.refresh_from_db()
    assert (job.state, job.attempt, job.worker) == (Job.State.WAITING, 1, "")


def test_a_worker_known_to_be_dead_need_not_be_waited_for(clock: Clock) -> None:
    enqueue("test.mark", word="x", at=clock.now)
    enqueue("test.mark", word="y", at=clock.now)
    claim(clock, "dead")
    claim(clock, "alive")
    assert endings.reap(at=clock.now, dead_workers=["dead"]) == 1
    assert Job.objects.get(state="running").worker == "alive"


def test_a_job_that_kills_its_worker_each_time_is_dead_in_the_end(clock: Clock) -> None:
    job = enqueue("test.mark", word="x", at=clock.now)
    for _attempt in range(3):
        claim(clock)
        endings.reap(at=clock.forward(minutes=1))
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.FAILED, endings.WORKER_LOST)


def test_a_run_that_lost_its_job_leaves_no_mark(marks: Marks, clock: Clock) -> None:
    enqueue("test.mark", word="x", at=clock.now)
    zombie = Run(claim(clock))
    endings.reap(at=clock.forward(minutes=1))
    attempt(zombie)
    assert marks() == []
    successor = Run(claim(clock))
    attempt(zombie)
    assert marks() == []
    attempt(successor)
    attempt(zombie)
    assert marks() == ["x"]


def test_a_long_run_writes_only_while_the_job_is_its_own(marks: Marks, clock: Clock) -> None:
    enqueue("test.mark_long", word="x", said="-", go="-", at=clock.now)
    run = Run(claim(clock))
    with run.writing():
        kinds.leave("before")
    endings.reap(at=clock.forward(minutes=1))
    claim(clock, "other")
    with pytest.raises(LeaseLost), run.writing():
        kinds.leave("after")
    with pytest.raises(LeaseLost):
        run.progress(1, 1)
    with pytest.raises(LeaseLost):
        run.check_cancelled()
    assert marks() == ["before"]


def test_writing_extends_the_lease(marks: Marks, clock: Clock) -> None:
    job = enqueue("test.mark_long", word="x", said="-", go="-", at=clock.now)
    run = Run(claim(clock))
    clock.forward(seconds=20)
    with run.writing():
        pass
    job.refresh_from_db()
    assert job.lease_until == clock.now + LEASE


def test_an_unfenced_completion_would_be_seen(
    marks: Marks, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: without the fence the zombie of the test above leaves its mark twice."""
    monkeypatch.setattr(queue, "finish", lambda _job: True)
    enqueue("test.mark", word="x", at=clock.now)
    zombie = Run(claim(clock))
    endings.reap(at=clock.forward(minutes=1))
    attempt(Run(claim(clock)))
    attempt(zombie)
    assert marks() == ["x", "x"]


def test_a_job_given_back_was_no_attempt(clock: Clock) -> None:
    job = enqueue("test.mark", word="x", at=clock.now)
    taken = claim(clock)
    assert queue.give_back([taken]) == 1
    assert queue.give_back([taken]) == 0
    job.refresh_from_db()
    assert (job.state, job.attempt, job.fence) == (Job.State.WAITING, 0, 1)


def test_progress_is_written_for_long_jobs_and_told(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    job = enqueue("test.until_cancelled", said=str(tmp_path / "x"), at=clock.now)
    run = Run(claim(clock))
    run.is_long = True
    told: list[tuple[int, int]] = []
    listener = registry.on_progress(lambda it: told.append((it.progress_done, it.progress_total)))
    try:
        for done in range(1, 101):
            run.progress(done, 100, "page")
    finally:
        registry.forget(listener)
    job.refresh_from_db()
    assert (job.progress_done, job.progress_total, job.progress_note) == (100, 100, "page")
    assert told[0] == (1, 100)
    assert told[-1] == (100, 100)
    assert len(told) < 10


def test_what_fails_while_writing_is_not_written_and_the_job_stays_ours(
    marks: Marks, clock: Clock
) -> None:
    enqueue("test.mark_long", word="x", said="-", go="-", at=clock.now)
    run = Run(claim(clock))

    def write_and_fail() -> None:
        with run.writing():
            kinds.leave("x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    run.hold()
    assert marks() == []


def test_a_machine_whose_clock_is_wrong_keeps_leases_by_the_databases(clock: Clock) -> None:
    """Else one that is ahead would take everybody's jobs away."""
    if connection.vendor != "postgresql":
        assert leases.ask_database() == timedelta()
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            (theirs,) = cursor.fetchone()
        for wrong in (timedelta(hours=-3), timedelta(hours=5)):
            clock.now = theirs + wrong
            leases.ask_database()
            assert abs(leases.now() - theirs) < timedelta(minutes=1)
    finally:
        leases.forget_database()
