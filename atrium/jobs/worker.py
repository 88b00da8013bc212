"""A worker at work: claims, runs, keeps its leases, takes back what dead workers left."""

import contextlib
import logging
import os
import queue as queues
import socket
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from atrium.jobs import endings, queue, registry, schedules
from atrium.jobs.actions import TOPIC
from atrium.jobs.attempt import attempt
from atrium.jobs.models import Job, Worker
from atrium.jobs.run import Run
from atrium.kit import bell, clock
from atrium.kit.ids import new_id

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0  # the floor below the bell, which may be lost
_AHEAD_SECONDS = 0.02  # how much work may be claimed before a hand is free for it
_AHEAD_JOBS = 32
_STALE_SECONDS = 0.25  # claimed work that nobody has begun by then is given back
_TROUBLE_SECONDS = 2.0
_FORGOTTEN_AFTER = 20  # leases, until the row of a silent worker goes


class Shift:
    """One worker, from its announcement until it has drained."""

    def __init__(self, *, threads: int = 2, grace: float = 10) -> None:
        self.lease = timedelta(seconds=settings.JOB_LEASE_SECONDS)
        self.grace = grace
        self.row = Worker(
            id=new_id(), host=socket.gethostname(), pid=os.getpid(), place=_place(), threads=threads
        )
        self.ran = 0
        self._wake: queues.SimpleQueue[None] = queues.SimpleQueue()  # reentrant: signals may put
        self._todo: queues.SimpleQueue[Run | None] = queues.SimpleQueue()
        self._lock = threading.Lock()
        self._in_hand: dict[UUID, Run] = {}
        self._claimed: dict[UUID, Run] = {}
        self._pace = 1.0  # seconds a job takes, as of late
        self._taken_at = time.monotonic()
        self._upkept_at = self._reaped_at = float("-inf")
        self._stopping = False
        self._over = threading.Event()
        self.hands = [
            threading.Thread(target=self._work, name=f"hand-{number}", daemon=True)
            for number in range(threads)
        ]

    def stop(self) -> None:
        """Begin nothing more and let ``run`` return. May be called by a signal handler."""
        self._stopping = True
        self._wake.put(None)

    def run(self) -> None:
        """Work until ``stop`` is called; then finish what is in hand, or give it back in time."""
        ear = bell.Ear([TOPIC], self._hear)
        pulse = threading.Thread(target=self._beat, name="pulse", daemon=True)
        self._announce()
        ear.start()
        pulse.start()
        for hand in self.hands:
            hand.start()
        try:
            while not self._stopping:
                self._round()
        finally:
            ear.stop()
            self._drain()
            self._over.set()
            pulse.join(self.grace)
            connection.close()

    # The main thread

    def _announce(self) -> None:
        while not self._stopping:
            try:
                now = clock.now()
                self.row.started_at = self.row.seen_at = now
                self.row.save(force_insert=True)
                schedules.keep_rows(at=now)
            except (DatabaseError, InterfaceError):
                logger.exception("The worker could not announce itself")
                self._pause()
            else:
                return

    def _round(self) -> None:
        try:
            self._upkeep()
            self._give_back_stale()
            claimed = self._claim()
        except (DatabaseError, InterfaceError):
            logger.exception("The worker lost the database")
            self._pause()
            return
        if not claimed:
            self._sleep()

    def _upkeep(self) -> None:
        moment = time.monotonic()
        if moment - self._upkept_at >= POLL_SECONDS * 0.9:
            self._upkept_at = moment
            queue.promote(at=clock.now())
            schedules.fire(at=clock.now())
        if moment - self._reaped_at >= min(self.lease.total_seconds() / 4, 5):
            self._reaped_at = moment
            self._reap()

    def _reap(self) -> None:
        now = clock.now()
        # A neighbour in the same place whose process is gone need not be waited for.
        dead = [
            worker.name
            for worker in Worker.objects.filter(place=self.row.place).exclude(pk=self.row.pk)
            if self.row.place and not _is_alive(worker.pid)
        ]
        if endings.reap(at=now, dead_workers=dead):
            self._wake.put(None)
        Worker.objects.filter(pk__in=dead).delete()
        Worker.objects.filter(seen_at__lt=now - self.lease * _FORGOTTEN_AFTER).delete()

    def _claim(self) -> int:
        count = self._room()
        if count < 1:
            return 0
        jobs = queue.claim(worker=self.row.name, count=count, lease=self.lease, at=clock.now())
        runs = [Run(job) for job in jobs]
        with self._lock:
            self._claimed.update((run.job.pk, run) for run in runs)
        self._taken_at = time.monotonic()
        for run in runs:
            self._todo.put(run)
        return len(runs)

    def _room(self) -> int:
        """Return how many to claim: one a free hand, and while jobs are quick a few ahead."""
        with self._lock:
            queued = len(self._claimed)
            free = len(self.hands) - len(self._in_hand)
        ahead = min(int(_AHEAD_SECONDS / self._pace), _AHEAD_JOBS)
        if queued > ahead // 2:
            return 0
        if free <= 0 and (not ahead or time.monotonic() - self._taken_at > _AHEAD_SECONDS * 2):
            return 0
        return free + ahead - queued

    def _give_back_stale(self) -> None:
        if self._claimed and time.monotonic() - self._taken_at > _STALE_SECONDS:
            self._give_back_unbegun()

    def _give_back_unbegun(self) -> None:
        unbegun = []
        try:
            while (run := self._todo.get_nowait()) is not None:
                unbegun.append(run.job)
        except queues.Empty:
            pass
        with self._lock:
            for job in unbegun:
                self._claimed.pop(job.pk, None)
        if queue.give_back(unbegun):
            bell.ring(TOPIC)

    def _sleep(self) -> None:
        timeout = _STALE_SECONDS / 2 if self._claimed else POLL_SECONDS
        try:
            self._wake.get(timeout=timeout)
            while True:
                self._wake.get_nowait()
        except queues.Empty:
            pass

    def _pause(self) -> None:
        connection.close()
        with contextlib.suppress(queues.Empty):
            self._wake.get(timeout=_TROUBLE_SECONDS)

    def _drain(self) -> None:
        deadline = time.monotonic() + self.grace
        try:
            Worker.objects.filter(pk=self.row.pk).update(leaving_at=clock.now())
            self._give_back_unbegun()
            for _hand in self.hands:
                self._todo.put(None)
            for hand in self.hands:
                hand.join(max(deadline - time.monotonic(), 0))
            with self._lock:
                left = list(self._in_hand.values())
            for run in left:
                run.is_lost = True
            if queue.give_back([run.job for run in left]):
                bell.ring(TOPIC)
            self.row.delete()
        except (DatabaseError, InterfaceError):
            logger.exception("The worker lost the database while draining; its leases will end")

    # The hands

    def _work(self) -> None:
        try:
            while (run := self._todo.get()) is not None:
                self._take(run)
                try:
                    attempt(run)
                except (DatabaseError, InterfaceError):
                    logger.exception("%s: the database refused its ending", run.job)
                    connection.close()
                finally:
                    self._put_down(run)
        finally:
            connection.close()

    def _take(self, run: Run) -> None:
        run.began = self._taken_at = time.monotonic()
        with self._lock:
            self._in_hand[run.job.pk] = run
            self._claimed.pop(run.job.pk, None)

    def _put_down(self, run: Run) -> None:
        took = max(time.monotonic() - run.began, 1e-4)
        with self._lock:
            self._in_hand.pop(run.job.pk, None)
            self._pace = 0.8 * self._pace + 0.2 * took if took < self._pace else took
            self.ran += 1
            is_short_of_work = len(self._claimed) <= len(self.hands)
        if is_short_of_work:
            self._wake.put(None)

    # The pulse

    def _beat(self) -> None:
        while not self._over.wait(self.lease.total_seconds() / 3):
            try:
                self._extend()
            except (DatabaseError, InterfaceError):
                logger.exception("The worker's heartbeat failed")
                connection.close()
        connection.close()

    def _extend(self) -> None:
        """Extend all leases, and learn which were lost or are to be cancelled."""
        with self._lock:
            runs = list(self._in_hand.values())
        now = clock.now()
        stuck = [run.job.pk for run in runs if _is_stuck(run)]
        mine = Job.objects.filter(worker=self.row.name, state=Job.State.RUNNING)
        mine.exclude(pk__in=stuck).update(lease_until=now + self.lease)
        held = {
            (pk, fence): asked
            for pk, fence, asked in mine.values_list("pk", "fence", "cancel_asked_at")
        }
        for run in runs:
            found = (run.job.pk, run.fence)
            run.is_lost = run.is_lost or found not in held
            run.is_cancel_asked = run.is_cancel_asked or held.get(found) is not None
        self.row.seen_at, self.row.running = now, sorted(run.job.name for run in runs)
        Worker.objects.filter(pk=self.row.pk).update(seen_at=now, running=self.row.running)
        if stuck and len(stuck) >= len(self.hands):
            logger.error("Every hand of the worker is stuck; it leaves, to be started again")
            self.stop()

    def _hear(self, topic: str, message: dict[str, Any] | None) -> None:
        if message and "cancel" in message:
            with self._lock:
                run = self._in_hand.get(UUID(message["cancel"]))
            if run:
                run.is_cancel_asked = True
        else:
            self._wake.put(None)


def _is_stuck(run: Run) -> bool:
    try:
        return time.monotonic() - run.began > registry.kind_of(run.job.name).seconds
    except registry.UnknownJob:
        return False


def _place() -> str:
    """Return a name for where process numbers mean what they mean here; empty when unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
