from datetime import timedelta

import pytest

from atrium.jobs import queries, queue
from atrium.jobs.actions import enqueue
from atrium.jobs.models import Worker
from tests.conftest import Clock

pytestmark = pytest.mark.django_db


def test_the_queue_tells_how_it_stands(clock: Clock) -> None:
    assert queries.oldest_waiting(at=clock.now) == timedelta()
    for owner in ("person:a", "person:a", "guest:b", ""):
        enqueue("test.mark", word="x", owner=owner, at=clock.now)
    queue.claim(worker="w", count=1, lease=timedelta(seconds=30), at=clock.now)
    enqueue("test.mark", word="x", delay=timedelta(hours=1), at=clock.now)
    assert queries.counts_by_state() == {
        "waiting": 3,
        "scheduled": 1,
        "running": 1,
        "done": 0,
        "failed": 0,
        "cancelled": 0,
    }
    assert sum(queries.waiting_by_owner().values()) == 3
    assert queries.oldest_waiting(at=clock.forward(minutes=5)) == timedelta(minutes=5)


def test_a_worker_lives_while_it_reports_itself_and_does_not_leave(clock: Clock) -> None:
    worker = Worker(host="h", pid=1, threads=2, started_at=clock.now, seen_at=clock.now)
    worker.save()
    assert list(queries.workers_alive(at=clock.forward(seconds=30))) == [worker]
    assert not queries.workers_alive(at=clock.forward(seconds=1)).exists()
    Worker.objects.update(seen_at=clock.now, leaving_at=clock.now)
    assert not queries.workers_alive(at=clock.now).exists()
