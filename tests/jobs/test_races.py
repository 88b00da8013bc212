from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from atrium.jobs import endings, queue
from atrium.jobs.actions import enqueue
from atrium.jobs.inline import run_due
from atrium.jobs.models import Job
from atrium.kit import clock
from tests.jobs.racing import race

pytestmark = pytest.mark.django_db(transaction=True)
Marks = Callable[[], list[str]]
LEASE = timedelta(seconds=30)


def test_sixteen_threads_claim_two_hundred_jobs_and_each_job_once() -> None:
    for number in range(200):
        enqueue("test.mark", word=str(number), owner=f"person:{number % 7}", at=clock.now())

    def claim(number: int) -> list[Job]:
        taken: list[Job] = []
        while got := queue.claim(worker=f"w{number}", count=3, lease=LEASE, at=clock.now()):
            assert len(got) <= 3
            taken += got
        return taken

    claimed = [job for jobs in race(16, claim) for job in jobs]
    assert len(claimed) == 200
    assert len({job.pk for job in claimed}) == 200
    assert Job.objects.filter(state="running", fence=1, attempt=1).count() == 200


def test_sixteen_threads_run_two_hundred_jobs_and_each_leaves_one_mark(marks: Marks) -> None:
    for number in range(200):
        enqueue("test.mark", word=str(number), at=clock.now())
    assert sum(race(16, lambda _number: run_due())) == 200
    assert Counter(marks()) == Counter(str(number) for number in range(200))
    assert Job.objects.filter(state="done").count() == 200


def test_eight_reapers_take_each_lost_job_back_once() -> None:
    for number in range(40):
        enqueue("test.mark", word=str(number), at=clock.now())
    queue.claim(worker="dead", count=40, lease=LEASE, at=clock.now())
    later = clock.now() + timedelta(minutes=1)
    assert sum(race(8, lambda _number: endings.reap(at=later))) == 40
    assert Job.objects.filter(state="waiting", attempt=1).count() == 40


def test_one_key_asked_for_by_sixteen_is_one_job() -> None:
    jobs = race(16, lambda _number: enqueue("test.mark", word="x", key="k", at=clock.now()))
    assert len({job.pk for job in jobs}) == 1
    assert Job.objects.count() == 1


def test_delayed_jobs_come_forward_once() -> None:
    for number in range(40):
        enqueue("test.mark", word=str(number), delay=timedelta(seconds=1), at=clock.now())
    later = clock.now() + timedelta(minutes=1)
    assert sum(race(8, lambda _number: queue.promote(at=later))) == 40
    assert Job.objects.filter(state="waiting").count() == 40
