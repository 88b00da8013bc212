"""What a job's function holds while it runs."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction

from atrium.jobs import leases
from atrium.jobs.models import Job, JobQuerySet
from atrium.kit.errors import Refusal

_LOOK_SECONDS = 0.5


class GiveUp(Refusal):
    """The job can never succeed, and why, fit to show. It is not tried again."""

    code = "job_gave_up"


class Cancelled(Exception):
    """Somebody asked for the job to stop. Let it through; the worker writes the ending."""


class LeaseLost(Exception):
    """The job is no longer ours: it was taken for lost, or given back. Nothing was written."""


ProgressListener = Callable[[Job], None]
progress_listeners: list[ProgressListener] = []


class Run:
    """One attempt at one job, good for as long as nobody else holds the job."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.is_long = False  # the attempt says, once it knows the kind
        self.fence = job.fence
        self.began = time.monotonic()
        self.is_lost = False
        self.is_cancel_asked = job.cancel_asked_at is not None
        self._looked = self._reported = self.began - 1

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write in a transaction that commits only while the job is still ours.

        :raises LeaseLost: and nothing is written
        """
        if self.is_lost:
            raise LeaseLost(str(self.job))
        with transaction.atomic():
            yield
            # Last, so that the row is locked from here to the commit and for no longer.
            self.hold()

    def hold(self) -> None:
        """Extend the lease under our fence.

        :raises LeaseLost: when the fence is no longer ours
        """
        if not self._own().update(lease_until=leases.until()):
            self._lose()

    def progress(self, done: int, total: int = 0, note: str = "") -> None:
        """Say how far it is; written and told at most twice a second, and at the end.

        :raises LeaseLost: when somebody else holds the job
        """
        if self.is_lost:
            raise LeaseLost(str(self.job))
        job, moment = self.job, time.monotonic()
        job.progress_done, job.progress_total, job.progress_note = done, total, note[:200]
        if moment - self._reported < _LOOK_SECONDS and done != total:
            return
        self._reported = moment
        if self.is_long and not self._own().update(
            progress_done=done, progress_total=total, progress_note=job.progress_note
        ):
            self._lose()
        for listener in progress_listeners:
            listener(job)

    def check_cancelled(self) -> None:
        """Call this wherever the work may stop.

        :raises Cancelled: when somebody asked for it
        :raises LeaseLost: when somebody else holds the job
        """
        moment = time.monotonic()
        if moment - self._looked >= _LOOK_SECONDS:
            self._looked = moment
            found = list(self._own().values_list("cancel_asked_at", flat=True))
            if not found:
                self._lose()
            self.is_cancel_asked = found[0] is not None
        if self.is_lost:
            raise LeaseLost(str(self.job))
        if self.is_cancel_asked:
            raise Cancelled(str(self.job))

    def _own(self) -> JobQuerySet:
        return Job.objects.filter(pk=self.job.pk, fence=self.fence, state=Job.State.RUNNING)

    def _lose(self) -> None:
        self.is_lost = True
        raise LeaseLost(str(self.job))
