"""Real workers, killed, stopped and told to leave at the worst moments."""

import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from atrium.jobs.actions import cancel, enqueue
from atrium.jobs.models import Job, Worker
from atrium.jobs.queries import workers_alive
from atrium.kit import clock
from tests.jobs import kinds
from tests.jobs.conftest import Workers, until

pytestmark = pytest.mark.django_db(transaction=True)
Marks = Callable[[], list[str]]
KILLS = 20


def ask_slowly(folder: Path, word: str, name: str = "test.mark_slowly") -> Job:
    return enqueue(
        name, word=word, said=str(folder / "said"), go=str(folder / "go"), at=clock.now()
    )


def test_a_worker_runs_what_comes_and_says_that_it_lives(workers: Workers, marks: Marks) -> None:
    workers.start()
    until(lambda: workers_alive(at=clock.now()).count() == 1, what="announced")
    for number in range(50):
        enqueue("test.mark", word=str(number), at=clock.now())
    enqueue("test.mark", word="delayed", delay=timedelta(seconds=0.1), at=clock.now())
    until(lambda: len(marks()) == 51, what="51 marks")
    until(lambda: Job.objects.filter(state="done").count() == 51, what="51 done")


def test_a_worker_killed_again_and_again_leaves_each_mark_once(
    workers: Workers, marks: Marks
) -> None:
    """``KILLS`` kills at random moments, while jobs keep coming; each short job's mark is one."""
    chance = random.Random(2)
    asked = 0
    for kill in range(KILLS):
        worker = workers.start(lease=0.5)
        target = len(marks()) + chance.randrange(0, 12)
        for _job in range(15):
            enqueue("test.mark", word=f"w{asked}", owner=f"person:{asked % 3}", at=clock.now())
            asked += 1
        until(lambda target=target: len(marks()) >= target, what=f"kill {kill}")  # type: ignore[misc]
        worker.kill()
        worker.wait()
    # Three lost attempts in a row are possible for a job, and rightly end it; none may be doubled.
    workers.start(lease=0.5)
    until(lambda: not Job.objects.unfinished().exists(), what="all over")
    done = [job.arguments["word"] for job in Job.objects.filter(state="done")]
    assert Counter(marks()) == Counter(set(done))
    lost = Job.objects.filter(state="failed")
    assert all(job.attempt == job.attempts for job in lost)
    assert len(done) + lost.count() == asked


def test_a_killed_workers_long_job_is_taken_over_within_the_lease(
    workers: Workers, marks: Marks, tmp_path: Path
) -> None:
    job = ask_slowly(tmp_path, "x", "test.mark_long")
    first = workers.start(lease=0.5)
    until(lambda: (tmp_path / "said").exists())
    first.kill()
    first.wait()
    workers.start(lease=0.5)
    until(lambda: Job.objects.get(pk=job.pk).state == "done")
    assert marks() == ["x 2"]


def stop_inside_its_job(workers: Workers, folder: Path) -> subprocess.Popen[bytes]:
    zombie = workers.start(lease=0.5)
    until(lambda: (folder / "said").exists())
    zombie.send_signal(signal.SIGSTOP)
    return zombie


def wake(zombie: subprocess.Popen[bytes], workers: Workers, folder: Path) -> None:
    """Let the zombie run on until it is done, and have everybody leave."""
    (folder / "go").touch()
    zombie.send_signal(signal.SIGCONT)
    for worker in workers.started:
        worker.terminate()
        assert worker.wait(30) == 0


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
    until(lambda: (tmp_path / "said").exists())
    enqueue("test.mark", word="not begun", at=clock.now())
    worker.terminate()
    until(lambda: Worker.objects.filter(leaving_at__isnull=False).exists(), what="leaving")
    (tmp_path / "go").touch()
    assert worker.wait(30) == 0
    assert marks() == ["x 1"]
    assert Job.objects.get(pk=job.pk).state == "done"
    assert Job.objects.filter(state="waiting").count() == 1
    assert not Worker.objects.exists()


def test_what_is_not_finished_within_the_grace_is_given_back(
    workers: Workers, marks: Marks, tmp_path: Path
) -> None:
    job = ask_slowly(tmp_path, "x", "test.mark_long")
    worker = workers.start(grace=0.2)
    until(lambda: (tmp_path / "said").exists())
    worker.terminate()
    assert worker.wait(30) == 0
    job.refresh_from_db()
    assert (job.state, job.attempt, job.fence) == ("waiting", 0, 1)
    workers.start()
    until(lambda: marks() == ["x 2"])


def test_a_running_job_hears_of_its_cancelling(workers: Workers, tmp_path: Path) -> None:
    job = enqueue("test.until_cancelled", said=str(tmp_path / "said"), at=clock.now())
    workers.start()
    until(lambda: (tmp_path / "said").exists())
    cancel(job=job, at=clock.now())
    until(lambda: Job.objects.get(pk=job.pk).state == "cancelled")


def test_a_worker_leaves_when_its_parent_is_gone(workers: Workers) -> None:
    end, ours = os.pipe()
    worker = workers.start(parent=end)
    os.close(end)
    until(lambda: Worker.objects.exists())
    os.close(ours)
    assert worker.wait(30) == 0
    assert not Worker.objects.exists()


def test_a_neighbour_that_was_killed_need_not_be_waited_for(
    workers: Workers, marks: Marks, tmp_path: Path
) -> None:
    """With a lease of 45 s the job is over well within the patience of this test."""
    job = ask_slowly(tmp_path, "x", "test.mark_long")
    first = workers.start(lease=45)
    until(lambda: (tmp_path / "said").exists())
    first.kill()
    first.wait()
    workers.start(lease=45)
    until(lambda: Job.objects.get(pk=job.pk).state == "done")
    assert marks() == ["x 2"]
