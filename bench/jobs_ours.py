"""Our jobs under the probe: ``python -m bench.jobs_ours ask|work FILE N``."""

import os
import subprocess
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")
django.setup()

from django.core.management import call_command  # noqa: E402

from atrium.jobs.actions import enqueue  # noqa: E402
from atrium.jobs.models import Job, Worker  # noqa: E402
from atrium.jobs.registry import Run, job  # noqa: E402
from atrium.kit import clock  # noqa: E402
from bench.probe import Probe, measure  # noqa: E402

WORKERS = 2
probe = Probe(sys.argv[2])


@job("bench.nothing")
def nothing(run: Run, *, sent: float) -> None:
    probe.mark(sent)


def ask(jobs: int) -> None:
    call_command("migrate", verbosity=0)
    Job.objects.all().delete()
    words = [sys.executable, "-m", "bench.jobs_ours", "work", sys.argv[2], "2"]
    workers = [subprocess.Popen(words) for _worker in range(WORKERS)]
    try:
        while Worker.objects.filter(pid__in=[worker.pid for worker in workers]).count() < WORKERS:
            if any(worker.poll() is not None for worker in workers):
                sys.exit("a worker ended before it began")
            time.sleep(0.05)
        measure(
            lambda sent: enqueue("bench.nothing", sent=sent, at=clock.now()),
            probe,
            jobs=jobs,
            settle=settle,
        )
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait()


def settle() -> None:
    while Job.objects.unfinished().filter(name="bench.nothing").exists():
        time.sleep(0.005)


if __name__ == "__main__":
    if sys.argv[1] == "ask":
        ask(int(sys.argv[3]))
    else:
        call_command("worker", "--threads", sys.argv[3], "--json")
