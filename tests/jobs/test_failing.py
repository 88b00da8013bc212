from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from atrium.jobs import endings, registry
from atrium.jobs.actions import NotRunnable, enqueue, run_again
from atrium.jobs.inline import run_due
from atrium.jobs.models import Job
from atrium.jobs.queries import counts_by_state, dead_letters
from tests.conftest import Clock
from tests.jobs import kinds

pytestmark = pytest.mark.django_db
Marks = Callable[[], list[str]]


def test_a_failed_attempt_leaves_no_effect_and_is_tried_again_later(
    marks: Marks, clock: Clock, told: list[str]
) -> None:
    job = enqueue("test.mark_and_fail", word="x", at=clock.now)
    assert run_due() == 1
    job.refresh_from_db()
    assert marks() == []
    assert told == []
    assert (job.state, job.attempt) == (Job.State.SCHEDULED, 1)
    assert clock.now + timedelta(seconds=1) <= job.run_at <= clock.now + timedelta(seconds=2)


def test_after_the_last_attempt_the_job_is_a_dead_letter(
    marks: Marks, clock: Clock, told: list[str]
) -> None:
    job = enqueue("test.mark_and_fail", word="x", at=clock.now)
    for _attempt in range(3):
        run_due()
        clock.forward(hours=1)
    assert run_due() == 0
    job.refresh_from_db()
    assert (job.state, job.attempt) == (Job.State.FAILED, 3)
    assert told == ["test.mark_and_fail failed"]
    assert list(dead_letters()) == [job]
    assert counts_by_state()["failed"] == 1


def test_the_owner_reads_no_secret_and_the_console_reads_the_trace(
    marks: Marks, clock: Clock
) -> None:
    job = enqueue("test.mark_and_fail", word="x", at=clock.now)
    run_due()
    job.refresh_from_db()
    assert job.error == endings.FAULT
    assert "secret reason" in job.trace


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("test.refuse", "There is no such thing."), ("test.give_up", "It cannot be read.")],
)
def test_a_refusal_is_final_at_once_with_its_sentence(
    name: str, sentence: str, clock: Clock, told: list[str]
) -> None:
    job = enqueue(name, at=clock.now)
    run_due()
    job.refresh_from_db()
    assert (job.state, job.attempt, job.error) == (Job.State.FAILED, 1, sentence)
    assert told == [f"{name} failed"]


def test_a_dead_job_runs_again_with_all_its_attempts(clock: Clock) -> None:
    job = enqueue("test.refuse", at=clock.now)
    run_due()
    run_again(job=job, at=clock.forward(days=1))
    assert (job.state, job.attempt, job.error, job.ended_at) == (Job.State.WAITING, 0, "", None)
    assert run_due() == 1
    job.refresh_from_db()
    assert (job.state, job.fence) == (Job.State.FAILED, 2)


def test_only_what_failed_or_was_cancelled_runs_again(marks: Marks, clock: Clock) -> None:
    job = enqueue("test.mark", word="x", at=clock.now)
    with pytest.raises(NotRunnable):
        run_again(job=job, at=clock.now)
    run_due()
    with pytest.raises(NotRunnable):
        run_again(job=job, at=clock.now)


def test_a_job_of_a_kind_that_is_gone_is_tried_again_and_then_dead(clock: Clock) -> None:
    job = enqueue("test.refuse", at=clock.now)
    Job.objects.filter(pk=job.pk).update(name="test.gone", attempts=1)
    run_due()
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.FAILED, endings.FAULT)


def test_the_wait_doubles_and_has_a_bound() -> None:
    for attempt, longest in [(1, 2), (2, 4), (3, 8), (10, 900), (1000, 900)]:
        waits = [endings.back_off(attempt).total_seconds() for _ in range(200)]
        assert longest / 2 <= min(waits) <= max(waits) <= longest
        assert len(set(waits)) > 100  # jittered: what failed together does not return together


def test_listeners_hear_of_every_ending(clock: Clock, marks: Marks) -> None:
    heard: list[tuple[str, str]] = []

    def listener(job: Job, *, at: datetime) -> None:
        heard.append((job.name, job.state))

    registry.on_ended(listener)
    try:
        enqueue("test.mark", word="x", at=clock.now)
        enqueue("test.refuse", at=clock.now)
        run_due()
    finally:
        registry.forget(listener)
    assert sorted(heard) == [("test.mark", "done"), ("test.refuse", "failed")]


def test_a_listener_that_fails_takes_the_short_job_back_with_it(marks: Marks, clock: Clock) -> None:
    def listener(job: Job, *, at: datetime) -> None:
        if job.state == Job.State.DONE:
            raise RuntimeError

    registry.on_ended(listener)
    try:
        job = enqueue("test.mark", word="x", at=clock.now)
        run_due()
    finally:
        registry.forget(listener)
    job.refresh_from_db()
    assert job.state == Job.State.SCHEDULED
    assert marks() == []


def test_a_listener_that_fails_does_not_keep_a_dead_job_from_ending(
    marks: Marks, clock: Clock, told: list[str]
) -> None:
    def listener(job: Job, *, at: datetime) -> None:
        kinds.leave("half")
        raise RuntimeError

    registry.on_ended(listener)
    try:
        job = enqueue("test.refuse", at=clock.now)
        run_due()
    finally:
        registry.forget(listener)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert told == ["test.refuse failed"]
    assert marks() == []
