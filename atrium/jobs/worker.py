"""A worker at work: claims for its hands, fires schedules, takes back what dead workers left."""

import contextlib
import logging
import queue as queues
import time
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection

from atrium.jobs import endings, leases, queue, schedules
from atrium.jobs.actions import TOPIC
from atrium.jobs.hands import Hands
from atrium.jobs.models import Worker
from atrium.jobs.pulse import Pulse, dead_neighbours, new_row
from atrium.jobs.run import Run
from atrium.kit import bell, clock

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0  # the floor below the bell, which may be lost
_STALLED_POLL_SECONDS = 0.1
_TROUBLE_SECONDS = 1.0
# From one claim to the next, at least: while jobs come one by one, each claim meets a few of them.
_BREATH_SECONDS = 0.005
_FORGOTTEN_AFTER = 20  # leases, until the row of a silent worker goes


class Shift:
    """One worker, from its announcement until it has drained."""

    def __init__(self, *, threads: int = 2, grace: float = 10) -> None:
        self.grace = grace
        self.row = new_row(threads=threads)
        self.hands = Hands(threads, ask_for_more=self._look_again)
        self._pulse = Pulse(self.row, self.hands, leave=self.stop)
        self._ear = bell.Ear([TOPIC], self._hear)
        self._wake: queues.SimpleQueue[None] = queues.SimpleQueue()  # reentrant: signals may put
        self._may_be_more = True  # jobs in the queue, beyond those of the last look
        self._upkept_at = self._reaped_at = self._claimed_at = float("-inf")
        self._stopping = False

    def stop(self) -> None:
        """Begin nothing more and let ``run`` return. May be called by a signal handler."""
        self._stopping = True
        self._wake.put(None)

    def run(self) -> None:
        """Work until ``stop`` is called; then finish what is in hand, or give it back in time."""
        self._announce()
        self._ear.start()
        self._pulse.start()
        self.hands.start()
        try:
            while not self._stopping:
                self._round()
        finally:
            self._ear.stop()
            self._drain()
            self._pulse.stop()
            with contextlib.suppress(DatabaseError, InterfaceError):
                self.row.delete()
            connection.close()

    def _announce(self) -> None:
        while not self._stopping:
            try:
                leases.ask_database()
                self.row.started_at = self.row.seen_at = leases.now()
                self.row.save()
                schedules.keep_rows(at=clock.now())
            except (DatabaseError, InterfaceError):
                logger.exception("The worker could not announce itself")
                self._pause()
            else:
                return

    def _round(self) -> None:
        try:
            self._upkeep()
            if self.hands.is_stalled():
                self._give_back_unbegun()
            claimed = self._claim()
        except Exception:  # the database is gone, or a row is poison: the others must go on
            logger.exception("The worker's round failed")
            self._pause()
            return
        if not claimed:
            self._sleep()

    def _upkeep(self) -> None:
        moment = time.monotonic()
        if moment - self._upkept_at >= POLL_SECONDS * 0.9:
            promoted = queue.promote(at=clock.now())
            self._may_be_more = self._may_be_more or promoted > 0
            if promoted < queue.PROMOTED_AT_ONCE:
                self._upkept_at = moment
            schedules.fire(at=clock.now())
        if moment - self._reaped_at >= min(leases.length().total_seconds() / 4, 5):
            self._reaped_at = moment
            self._reap()

    def _reap(self) -> None:
        now = leases.now()
        # A neighbour whose process is gone need not be waited for.
        dead = [worker.name for worker in dead_neighbours(self.row)]
        if endings.reap(at=now, dead_workers=dead):
            self._may_be_more = True
        Worker.objects.filter(pk__in=dead).delete()
        forgotten = Worker.objects.filter(seen_at__lt=now - leases.length() * _FORGOTTEN_AFTER)
        forgotten.exclude(pk=self.row.pk).delete()

    def _claim(self) -> int:
        count = self.hands.room()
        if count < 1:
            return 0
        time.sleep(max(self._claimed_at + _BREATH_SECONDS - time.monotonic(), 0))
        self._claimed_at = time.monotonic()
        self._may_be_more = False  # before we look: the bell may ring while we do
        jobs = queue.claim(
            worker=self.row.name, count=count, lease=leases.length(), at=leases.now()
        )
        self._may_be_more = self._may_be_more or len(jobs) == count
        self.hands.give([Run(job) for job in jobs])
        return len(jobs)

    def _give_back_unbegun(self) -> None:
        if queue.give_back(self.hands.take_unbegun()):
            bell.ring(TOPIC)

    def _sleep(self) -> None:
        """Wait for the bell, for a hand, or for the clock."""
        timeout = _STALLED_POLL_SECONDS if self.hands.has_unbegun() else POLL_SECONDS
        with contextlib.suppress(queues.Empty):
            self._wake.get(timeout=timeout)
            while True:
                self._wake.get_nowait()

    def _pause(self) -> None:
        """Let a database that is not there come back; a bell must not make us spin."""
        connection.close()
        time.sleep(_TROUBLE_SECONDS)

    def _drain(self) -> None:
        with contextlib.suppress(DatabaseError, InterfaceError):
            Worker.objects.filter(pk=self.row.pk).update(leaving_at=clock.now())
            self._give_back_unbegun()
        left = self.hands.leave(grace=self.grace)
        try:
            if queue.give_back(left):
                bell.ring(TOPIC)
        except (DatabaseError, InterfaceError):
            logger.exception("The worker could not give back what it had; its leases will end")

    def _look_again(self) -> None:
        if self._may_be_more:
            self._wake.put(None)

    def _hear(self, topic: str, message: dict[str, Any] | None) -> None:
        if message and "cancel" in message:
            run = self.hands.find(UUID(message["cancel"]))
            if run:
                run.is_cancel_asked = True
        else:
            self._may_be_more = True
            self._wake.put(None)
