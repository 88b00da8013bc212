"""Real workers, killed, stopped and told to leave at the worst moments."""

import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from multiprocessing import Pipe
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection

from atrium.jobs.actions import cancel, enqueue
from atrium.jobs.models import Job, JobQuerySet, Worker
from atrium.jobs.queries import workers_alive
from atrium.kit import bell, clock
from atrium.kit.carriers.silence import Silence
from tests.jobs import kinds
from tests.jobs.conftest import Workers, pid_of, status_of, until

pytestmark = pytest.mark.django_db(transaction=True)
Marks = Callable[[], list[str]]
KILLS = 20


def ours(**narrower: object) -> JobQuerySet:
    """The jobs of these tests; the house's own come by the clock whenever they like."""
    return Job.objects.filter(name__startswith="test.").filter(**narrower)


def ask_slowly(folder: Path, word: str, name: str = "test.mark_slowly") -> Job:
    return enqueue(
        name, word=word, said=str(folder / "said"), go=str(folder / "go"), at=clock.now()
    )


def reached(marks: Marks, target: int) -> bool:
    return len(marks()) >= target


def test_a_worker_runs_what_comes_and_says_that_it_lives(workers: Workers, marks: Marks) -> None:
    workers.start()
    until(lambda: workers_alive(at=clock.now()).count() == 1, what="announced")
    for number in range(50):
        enqueue("test.mark", word=str(number), at=clock.now())
    enqueue("test.mark", word="delayed", delay=timedelta(seconds=0.1), at=clock.now())
    until(lambda: len(marks()) == 51, what="51 marks")
    until(lambda: ours(state="done").count() == 51, what="51 done")


def test_a_worker_killed_again_and_again_leaves_each_mark_once(
    workers: Workers, marks: Marks
) -> None:
    """``KILLS`` kills at random moments, while jobs keep coming; each short job's mark is one."""
    chance = random.Random(2)
    asked = 0
    for _kill in range(KILLS):
        worker = workers.start(lease=0.5)
        target = len(marks()) + chance.randrange(0, 12)
        for _job in range(15):
            enqueue(
                "test.mark", word=f"w{asked}", owner=f"person:{UUID(int=asked % 3)}", at=clock.now()
            )
            asked += 1
        until(partial(reached, marks, target), what=f"{target} marks")
        worker.kill()
        worker.join()
    # Three lost attempts in a row are possible for a job, and rightly end it; none may be doubled.
    workers.start(lease=0.5)
    until(lambda: not ours().unfinished().exists(), what="all over")
    done = [job.arguments["word"] for job in ours(state="done")]
    assert Counter(marks()) == Counter(set(done))
    lost = ours(state="failed")
    assert all(job.attempt == job.attempts for job in lost)
    assert len(done) + lost.count() == asked


def test_a_killed_workers_long_job_is_taken_over_within_the_lease(
    workers: Workers, marks: Marks, tmp_path: Path
) -> None:
    job = ask_slowly(tmp_path, "x", "test.mark_long")
    first = workers.start(lease=0.5)
    until((tmp_path / "said").exists)
    first.kill()
    first.join()
    workers.start(lease=0.5)
    until(lambda: Job.objects.get(pk=job.pk).state == "done")
    assert marks() == ["x 2"]


def stop_inside_its_job(workers: Workers, folder: Path) -> BaseProcess:
    zombie = workers.start(lease=0.5)
    until((folder / "said").exists)
    os.kill(pid_of(zombie), signal.SIGSTOP)
    return zombie


def wake(zombie: BaseProcess, workers: Workers, folder: Path) -> None:
    """Let the zombie run on until it is done, and have everybody leave."""
    (folder / "go").touch()
    os.kill(pid_of(zombie), signal.SIGCONT)
    for worker in workers.started:
        worker.terminate()
        assert status_of(worker) == 0


def test_a_worker_that_was_stopped_and_woken_cannot_write(
    workers: Workers, marks: Marks, tmp_path: Path
) -> None:
    """Stopped inside a long job, forgotten, its job done by another, then woken: a zombie."""
    job = ask_slowly(tmp_path, "x", "test.mark_long")
    zombie = stop_inside_its_job(workers, tmp_path)
    workers.start(lease=0.5)
    until(lambda: Job.objects.get(pk=job.pk).state == "done", what="taken over")
    ended = Job.objects.get(pk=job.pk)
    wake(zombie, workers, tmp_path)
    assert marks() == ["x 2"]
    assert Job.objects.get(pk=job.pk).ended_at == ended.ended_at
    assert "no longer ours" in workers.log


def test_a_worker_stopped_inside_a_transaction_and_woken_cannot_commit(
    workers: Workers, marks: Marks, tmp_path: Path
) -> None:
    job = ask_slowly(tmp_path, "x", "test.mark_slowly")
    zombie = stop_inside_its_job(workers, tmp_path)
    if not kinds.holds_the_whole_database():
        (tmp_path / "go").touch()
        workers.start(lease=0.5)
        until(lambda: Job.objects.get(pk=job.pk).state == "done", what="taken over")
        assert Job.objects.get(pk=job.pk).fence == 2
    # On SQLite the stopped one is the only writer: nobody can take over, and it need not lose.
    wake(zombie, workers, tmp_path)
    until(lambda: Job.objects.get(pk=job.pk).state == "done")
    assert marks() == ["x"]


def test_a_worker_told_to_leave_finishes_what_it_has_in_hand(
    workers: Workers, marks: Marks, tmp_path: Path
) -> None:
    job = ask_slowly(tmp_path, "x", "test.mark_long")
    worker = workers.start(threads=1)
    until((tmp_path / "said").exists)
    enqueue("test.mark", word="not begun", at=clock.now())
    worker.terminate()
    until(lambda: Worker.objects.filter(leaving_at__isnull=False).exists(), what="leaving")
    (tmp_path / "go").touch()
    assert status_of(worker) == 0
    assert marks() == ["x 1"]
    assert Job.objects.get(pk=job.pk).state == "done"
    assert ours(state="waiting").count() == 1
    assert not Worker.objects.exists()


def test_what_is_not_finished_within_the_grace_is_given_back(
    workers: Workers, marks: Marks, tmp_path: Path
) -> None:
    job = ask_slowly(tmp_path, "x", "test.mark_long")
    worker = workers.start(grace=0.2)
    until((tmp_path / "said").exists)
    worker.terminate()
    assert status_of(worker) == 0
    job.refresh_from_db()
    assert (job.state, job.attempt, job.fence) == ("waiting", 0, 1)
    workers.start()
    until(lambda: marks() == ["x 2"])


def test_a_running_job_hears_of_its_cancelling(workers: Workers, tmp_path: Path) -> None:
    job = enqueue("test.until_cancelled", said=str(tmp_path / "said"), at=clock.now())
    workers.start()
    until((tmp_path / "said").exists)
    cancel(job=job, at=clock.now())
    until(lambda: Job.objects.get(pk=job.pk).state == "cancelled")


def test_a_worker_leaves_when_its_parent_is_gone(workers: Workers) -> None:
    end, ours = Pipe(duplex=False)
    worker = workers.start(parent=end)
    until(Worker.objects.exists)
    ours.close()
    assert status_of(worker) == 0
    assert not Worker.objects.exists()
    end.close()


def test_a_job_that_hangs_loses_its_lease_and_its_worker_leaves(
    workers: Workers, marks: Marks, tmp_path: Path
) -> None:
    enqueue("test.stand_still", said=str(tmp_path / "said"), at=clock.now())
    hanging = workers.start(lease=0.5, grace=0.1, threads=1)
    until((tmp_path / "said").exists)
    workers.start(lease=0.5)
    until(lambda: marks() == ["done"])
    assert status_of(hanging) == 0
    assert "is stuck" in workers.log


def test_a_job_whose_bell_was_not_heard_is_found_by_the_clock(
    workers: Workers, marks: Marks
) -> None:
    workers.start()
    until(Worker.objects.exists)
    bell.use(Silence())
    try:
        enqueue("test.mark", word="quiet", at=clock.now())
    finally:
        bell.use(None)
    until(lambda: marks() == ["quiet"])


def test_a_worker_gets_over_the_loss_of_its_database(workers: Workers, marks: Marks) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server to lose")
    workers.start(lease=0.5)
    for number in range(100):
        enqueue("test.mark", word=str(number), at=clock.now())
    until(lambda: len(marks()) > 10)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    enqueue("test.mark", word="after", at=clock.now())
    until(lambda: not ours().unfinished().exists(), what="all over")
    assert Counter(marks()) == Counter([*map(str, range(100)), "after"])


def test_a_neighbour_that_was_killed_need_not_be_waited_for(
    workers: Workers, marks: Marks, tmp_path: Path
) -> None:
    """With a lease of 45 s the job is over well within the patience of this test."""
    job = ask_slowly(tmp_path, "x", "test.mark_long")
    first = workers.start(lease=45)
    until((tmp_path / "said").exists)
    first.kill()
    first.join()
    workers.start(lease=45)
    until(lambda: Job.objects.get(pk=job.pk).state == "done")
    assert marks() == ["x 2"]
