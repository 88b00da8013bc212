"""The thread that keeps a worker's leases, and tells everybody that it lives."""

import logging
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from django.db import DatabaseError, InterfaceError, connection

from atrium.jobs import leases
from atrium.jobs.hands import Hands
from atrium.jobs.models import Job, Worker
from atrium.kit.ids import new_id

logger = logging.getLogger(__name__)

_BEATS_PER_LEASE = 3


class Pulse:
    """Extends the leases of what the hands hold, three times a lease.

    What takes longer than its kind may is not extended: somebody else then gets it. When that is
    so of every hand, ``leave`` is called.
    """

    def __init__(self, row: Worker, hands: Hands, *, leave: Callable[[], None]) -> None:
        self._row = row
        self._hands = hands
        self._leave = leave
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(leases.length().total_seconds())

    def _beat(self) -> None:
        while not self._over.wait(leases.length().total_seconds() / _BEATS_PER_LEASE):
            try:
                leases.ask_database()
                self._extend()
                self._announce()
            except (DatabaseError, InterfaceError):
                logger.exception("The worker's heartbeat failed")
                connection.close()
            if self._hands.are_all_stuck():
                logger.error("Every hand of the worker is stuck; it leaves, to be started again")
                self._leave()
        connection.close()

    def _extend(self) -> None:
        """Extend the leases, and learn which were lost or are to be cancelled."""
        stuck = {run.job.pk for run in self._hands.stuck()}
        runs = [run for run in self._hands.held() if run.job.pk not in stuck]
        # Only what is held: a job whose ending could not be written must be free to be taken over.
        mine = Job.objects.filter(
            pk__in=[run.job.pk for run in runs], worker=self._row.name, state=Job.State.RUNNING
        )
        mine.update(lease_until=leases.until())
        told = mine.values_list("pk", "fence", "cancel_asked_at")
        held = {(pk, fence): asked for pk, fence, asked in told}
        for run in runs:
            found = (run.job.pk, run.fence)
            run.is_lost = run.is_lost or found not in held
            run.is_cancel_asked = run.is_cancel_asked or held.get(found) is not None

    def _announce(self) -> None:
        row = self._row
        row.seen_at = leases.now()
        row.running = sorted(run.job.name for run in self._hands.held())
        told = Worker.objects.filter(pk=row.pk)
        if not told.update(seen_at=row.seen_at, running=row.running):
            row.save(force_insert=True)  # it slept so long that it was forgotten


def new_row(*, threads: int) -> Worker:
    """Return this process as a Worker, not stored yet."""
    return Worker(
        id=new_id(), host=socket.gethostname(), pid=os.getpid(), place=_place(), threads=threads
    )


def dead_neighbours(row: Worker) -> list[Worker]:
    """Return workers whose process, in the place where ``row``'s runs, is no longer there."""
    if not row.place:
        return []
    neighbours = Worker.objects.filter(place=row.place).exclude(pk=row.pk)
    return [worker for worker in neighbours if not _is_there(worker.pid)]


def _place() -> str:
    """Return a name for where process numbers mean what they mean here; empty when unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
