"""The threads of a worker that do the work, and what has been claimed for them."""

import logging
import queue as queues
import threading
import time
from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection

from atrium.jobs import endings, registry
from atrium.jobs.attempt import attempt
from atrium.jobs.models import Job
from atrium.jobs.run import LeaseLost, Run
from atrium.kit import clock

logger = logging.getLogger(__name__)

_AHEAD_SECONDS = 0.02  # how much work may be claimed before a hand is free for it
_AHEAD_JOBS = 32
_STALE_SECONDS = 0.25  # claimed work that nobody has begun by then is to be given back
_IDLE_SECONDS = 1.0  # a connection that rested so long is looked at before it is used


class Hands:
    """A fixed number of threads, each with a database connection of its own.

    ``ask_for_more`` is called, in a hand's thread, when they are about to run out of work.
    """

    def __init__(self, count: int, *, ask_for_more: Callable[[], None]) -> None:
        self.ran = 0
        self._ask_for_more = ask_for_more
        self._todo: queues.SimpleQueue[Run | None] = queues.SimpleQueue()
        self._lock = threading.Lock()
        self._unbegun: dict[UUID, Run] = {}
        self._in_hand: dict[UUID, Run] = {}
        self._pace = 1.0  # seconds a job takes, as of late
        self._taken_at = time.monotonic()
        self._threads = [
            threading.Thread(target=self._work, name=f"hand-{number}", daemon=True)
            for number in range(count)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def room(self) -> int:
        """Return how many to claim: one a free hand, and while jobs are quick a few ahead.

        A claim is a transaction of its own; for jobs of a millisecond it would cost as much again.
        """
        with self._lock:
            queued = len(self._unbegun)
            free = len(self._threads) - len(self._in_hand)
        ahead = min(int(_AHEAD_SECONDS / self._pace), _AHEAD_JOBS)
        if queued > ahead // 2:
            return 0
        if free <= 0 and (not ahead or self._since_taken() > _AHEAD_SECONDS * 2):
            return 0
        return free + ahead - queued

    def give(self, runs: Sequence[Run]) -> None:
        """Have the claimed ``runs`` done, in this order."""
        with self._lock:
            self._unbegun.update((run.job.pk, run) for run in runs)
        self._taken_at = time.monotonic()
        for run in runs:
            self._todo.put(run)

    def has_unbegun(self) -> bool:
        return bool(self._unbegun)

    def is_stalled(self) -> bool:
        """Whether claimed work waits behind something slow, while another worker might do it."""
        return self.has_unbegun() and self._since_taken() > _STALE_SECONDS

    def take_unbegun(self) -> list[Job]:
        """Take back what was given and nobody has begun."""
        taken = []
        try:
            while (run := self._todo.get_nowait()) is not None:
                taken.append(run.job)
        except queues.Empty:
            pass
        with self._lock:
            for job in taken:
                self._unbegun.pop(job.pk, None)
        return taken

    def held(self) -> list[Run]:
        """Return all runs that were claimed and are not over."""
        with self._lock:
            return [*self._unbegun.values(), *self._in_hand.values()]

    def stuck(self) -> list[Run]:
        """Return the runs that have taken longer than jobs of their kind may."""
        with self._lock:
            return [run for run in self._in_hand.values() if _is_stuck(run)]

    def are_all_stuck(self) -> bool:
        return len(self.stuck()) >= len(self._threads)

    def find(self, identity: UUID) -> Run | None:
        with self._lock:
            return self._in_hand.get(identity) or self._unbegun.get(identity)

    def leave(self, *, grace: float) -> list[Job]:
        """Let the hands finish what they hold, and return what they have not by then.

        What they still do after that is refused.
        """
        deadline = time.monotonic() + grace
        for _thread in self._threads:
            self._todo.put(None)
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0))
        with self._lock:
            left = list(self._in_hand.values())
        for run in left:
            run.is_lost = True
        return [run.job for run in left]

    def are_gone(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def _since_taken(self) -> float:
        return time.monotonic() - self._taken_at

    def _work(self) -> None:
        rested_at = time.monotonic()
        while (run := self._todo.get()) is not None:
            self._take(run)
            if run.began - rested_at > _IDLE_SECONDS and not connection.is_usable():
                connection.close()  # the server went and came back; no job need fail for it
            try:
                attempt(run)
            except (DatabaseError, InterfaceError) as fault:
                _fail_on_new_connection(run, fault)
            except Exception:
                logger.exception("%s: its ending was not written; its lease will run out", run.job)
            self._put_down(run)
            rested_at = time.monotonic()
        connection.close()

    def _take(self, run: Run) -> None:
        run.began = self._taken_at = time.monotonic()
        with self._lock:
            self._in_hand[run.job.pk] = run
            self._unbegun.pop(run.job.pk, None)

    def _put_down(self, run: Run) -> None:
        took = max(time.monotonic() - run.began, 1e-4)
        with self._lock:
            self._in_hand.pop(run.job.pk, None)
            # One slow job ends claiming ahead at once; quick ones bring it back by and by.
            self._pace = 0.8 * self._pace + 0.2 * took if took < self._pace else took
            self.ran += 1
            is_short_of_work = len(self._unbegun) <= len(self._threads)
        if is_short_of_work:
            self._ask_for_more()


def _fail_on_new_connection(run: Run, fault: Exception) -> None:
    """Write down that the database was lost. Had the job's end been committed, we are refused."""
    logger.warning("%s: lost the database: %s", run.job, fault)
    connection.close()
    try:
        endings.fail(run.job, fault, at=clock.now())
    except LeaseLost:
        pass
    except (DatabaseError, InterfaceError):
        logger.exception("%s: its ending was not written; its lease will run out", run.job)
        connection.close()


def _is_stuck(run: Run) -> bool:
    try:
        return time.monotonic() - run.began > registry.kind_of(run.job.name).seconds
    except registry.UnknownJob:
        return False
