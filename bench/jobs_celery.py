"""The peer: Celery on Redis, two prefork workers, in an environment of its own.

``python -m bench.jobs_celery FILE N REDIS_URL``. Tasks are acknowledged before they run, as by
default, so what a killed worker had in hand is lost; results are ignored.
"""

import os
import subprocess
import sys

from celery import Celery  # type: ignore[import-not-found]

from bench.probe import Probe, measure

app = Celery("bench", broker=os.environ.get("BENCH_BROKER", sys.argv[-1]))
app.conf.update(
    task_ignore_result=True,
    worker_prefetch_multiplier=4,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
)
_probe: Probe | None = None


@app.task(name="nothing")  # type: ignore[untyped-decorator]
def nothing(sent: float) -> None:
    global _probe  # noqa: PLW0603
    if _probe is None:
        _probe = Probe(os.environ["BENCH_FILE"])
    _probe.mark(sent)


def main(path: str, jobs: int, broker: str) -> None:
    words = "-A bench.jobs_celery --quiet worker -c 2 --loglevel=ERROR --without-gossip"
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", *words.split(), "--without-mingle"],
        env=os.environ | {"BENCH_FILE": path, "BENCH_BROKER": broker},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        measure(nothing.delay, Probe(path), jobs=jobs, settle=lambda: None)
    finally:
        worker.terminate()
        worker.wait()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
