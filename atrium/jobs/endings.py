"""How a run ends: done, to be tried again, dead, cancelled, or lost with its worker."""

import random
import traceback
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop as _

from atrium.jobs import queue, registry
from atrium.jobs.models import Job, JobQuerySet
from atrium.jobs.run import LeaseLost
from atrium.kit.errors import Refusal

FAULT = _("Something went wrong on our side.")
WORKER_LOST = _("The work was interrupted again and again, so we stopped trying.")

_FIRST_WAIT = 2.0
_LONGEST_WAIT = 15 * 60.0


def back_off(attempt: int) -> timedelta:
    """Return how long to wait after the failed ``attempt``: twice as long each time, jittered."""
    longest = min(_FIRST_WAIT * 2 ** min(attempt - 1, 20), _LONGEST_WAIT)
    return timedelta(seconds=random.uniform(longest / 2, longest))  # noqa: S311


def finish(job: Job, *, at: datetime) -> None:
    """End ``job`` as done, under its fence.

    :raises LeaseLost: when it is no longer ours; the caller's transaction must not commit
    """
    job.state, job.ended_at, job.lease_until = Job.State.DONE, at, None
    job.error = job.trace = ""
    if not queue.finish(job):
        raise LeaseLost(str(job))
    registry.tell_ended(job, at=at)


def fail(job: Job, fault: BaseException, *, at: datetime) -> None:
    """Write down that an attempt failed: it is scheduled again, or dead, under its fence.

    :raises LeaseLost: when it is no longer ours
    """
    refused = isinstance(fault, Refusal)
    job.error = (str(fault) if refused else FAULT)[:500]
    job.trace = "".join(traceback.format_exception(fault))[-20_000:]
    with transaction.atomic():
        if refused or job.attempt >= job.attempts:
            _end(job, Job.State.FAILED, at=at)
        elif not _held(job).update(
            state=Job.State.SCHEDULED,
            run_at=at + back_off(job.attempt),
            lease_until=None,
            worker="",
            error=job.error,
            trace=job.trace,
        ):
            raise LeaseLost(str(job))


def end_cancelled(job: Job, *, at: datetime) -> None:
    """End a running ``job`` as cancelled, under its fence.

    :raises LeaseLost: when it is no longer ours
    """
    with transaction.atomic():
        _end(job, Job.State.CANCELLED, at=at)


def reap(*, at: datetime, dead_workers: Sequence[str] = (), limit: int = 100) -> int:
    """Take back jobs whose worker has been silent for too long, or is known to be dead."""
    expired = Job.objects.filter(state=Job.State.RUNNING).filter(
        Q(lease_until__lt=at) | Q(worker__in=dead_workers)
        if dead_workers
        else Q(lease_until__lt=at)
    )
    reaped = 0
    for job in expired.order_by("lease_until")[:limit]:
        try:
            with transaction.atomic():
                _reap_one(job, at=at)
        except LeaseLost:
            continue  # another worker was first, or the silent one has spoken
        reaped += 1
    return reaped


def _reap_one(job: Job, *, at: datetime) -> None:
    # The lease is looked at again under the row's lock: a heartbeat may just have come.
    still = Job.objects.filter(
        pk=job.pk, fence=job.fence, state=Job.State.RUNNING, lease_until=job.lease_until
    )
    if not still.update(worker=""):
        raise LeaseLost(str(job))
    if job.cancel_asked_at:
        _end(job, Job.State.CANCELLED, at=at)
    elif job.attempt >= job.attempts:
        job.error = WORKER_LOST
        _end(job, Job.State.FAILED, at=at)
    else:
        queue.wait(job, before=Job.State.RUNNING, fence=job.fence)


def _end(job: Job, state: Job.State, *, at: datetime) -> None:
    """End under the fence, and tell whoever listens, in the caller's transaction."""
    job.state, job.ended_at, job.lease_until = state, at, None
    changed = _held(job).update(
        state=state,
        ended_at=at,
        lease_until=None,
        error=job.error,
        trace=job.trace,
        progress_done=job.progress_done,
        progress_total=job.progress_total,
        progress_note=job.progress_note,
    )
    if not changed:
        raise LeaseLost(str(job))
    registry.tell_ended(job, at=at)


def _held(job: Job) -> JobQuerySet:
    return Job.objects.filter(pk=job.pk, fence=job.fence, state=Job.State.RUNNING)
