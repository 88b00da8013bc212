"""How each queue is measured, the same for all: by eight bytes that each job appends to a file.

Only the standard library: peers run this in environments of their own.
"""

import json
import os
import struct
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 120
LATE_JOBS = 200
LATE_EVERY = 0.02


class Probe:
    """Keeps how long each job waited between being asked for and being begun."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def mark(self, sent: float) -> None:
        os.write(self._file, struct.pack("d", time.time() - sent))

    def count(self) -> int:
        return self.path.stat().st_size // 8

    def take(self) -> list[float]:
        """Return the waits so far in order of length, and forget them."""
        waits = [wait for (wait,) in struct.iter_unpack("d", self.path.read_bytes())]
        os.truncate(self.path, 0)
        return sorted(waits)

    def wait_for(self, count: int) -> None:
        give_up = time.monotonic() + PATIENCE
        while self.count() < count:
            if time.monotonic() > give_up:
                raise TimeoutError(f"{self.count()} of {count} jobs began")
            time.sleep(0.005)


def measure(
    enqueue: Callable[[float], object], probe: Probe, *, jobs: int, settle: Callable[[], object]
) -> None:
    """Print, as JSON, how many were asked for and done in a second, and how soon they began.

    ``settle`` returns when the queue has written down that everything is done.
    """
    for _warm_up in range(100):
        enqueue(time.time())
    probe.wait_for(100)
    settle()
    probe.take()
    began = time.perf_counter()
    for _job in range(jobs):
        enqueue(time.time())
    asked = time.perf_counter() - began
    probe.wait_for(jobs)
    settle()
    took = time.perf_counter() - began
    probe.take()
    for _job in range(LATE_JOBS):
        enqueue(time.time())
        time.sleep(LATE_EVERY)
    probe.wait_for(LATE_JOBS)
    waits = [wait * 1000 for wait in probe.take()]
    found = {
        "enqueued_per_s": jobs / asked,
        "jobs_per_s": jobs / took,
        "begun_p50_ms": waits[len(waits) // 2],
        "begun_p95_ms": waits[len(waits) * 95 // 100],
    }
    print(json.dumps(found), flush=True)
