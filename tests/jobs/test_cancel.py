from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from atrium.jobs import endings, queue
from atrium.jobs.actions import cancel, enqueue, run_again
from atrium.jobs.attempt import attempt
from atrium.jobs.inline import run_due
from atrium.jobs.models import Job
from atrium.jobs.run import Run
from tests.conftest import Clock

pytestmark = pytest.mark.django_db
Marks = Callable[[], list[str]]


def claim(clock: Clock) -> Job:
    (job,) = queue.claim(worker="w", count=1, lease=timedelta(seconds=30), at=clock.now)
    return job


@pytest.mark.parametrize("delay", [None, timedelta(hours=1)])
def test_a_job_that_has_not_begun_is_cancelled_at_once(
    delay: timedelta | None,
    tmp_path: Path,
    clock: Clock,
    told: list[str],
) -> None:
    job = enqueue("test.until_cancelled", said=str(tmp_path / "x"), delay=delay, at=clock.now)
    cancel(job=job, at=clock.now)
    assert (job.state, job.ended_at) == (Job.State.CANCELLED, clock.now)
    assert run_due(clock.forward(hours=2)) == 0
    assert told == ["test.until_cancelled cancelled"]


def test_a_running_job_is_cancelled_at_its_next_look(
    tmp_path: Path,
    clock: Clock,
    told: list[str],
) -> None:
    job = enqueue("test.until_cancelled", said=str(tmp_path / "x"), at=clock.now)
    run = Run(claim(clock))
    cancel(job=job, at=clock.now)
    assert (job.state, job.cancel_asked_at) == (Job.State.RUNNING, clock.now)
    attempt(run)
    job.refresh_from_db()
    assert (tmp_path / "x").exists()
    assert job.state == Job.State.CANCELLED
    assert told == ["test.until_cancelled cancelled"]


def test_a_cancelled_job_whose_worker_died_does_not_begin_again(
    tmp_path: Path, clock: Clock
) -> None:
    job = enqueue("test.until_cancelled", said=str(tmp_path / "x"), at=clock.now)
    claim(clock)
    cancel(job=job, at=clock.now)
    assert endings.reap(at=clock.forward(minutes=1)) == 1
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED


def test_cancelling_twice_or_too_late_changes_nothing(marks: Marks, clock: Clock) -> None:
    job = enqueue("test.mark", word="x", at=clock.now)
    run_due()
    cancel(job=job, at=clock.now)
    assert job.state == Job.State.DONE
    other = enqueue("test.mark", word="y", at=clock.now)
    cancel(job=other, at=clock.now)
    first = other.ended_at
    cancel(job=other, at=clock.forward(hours=1))
    assert other.ended_at == first


def test_a_cancelled_job_can_run_again(marks: Marks, clock: Clock) -> None:
    job = enqueue("test.mark", word="x", at=clock.now)
    cancel(job=job, at=clock.now)
    run_again(job=job, at=clock.now)
    assert run_due() == 1
    assert marks() == ["x"]
