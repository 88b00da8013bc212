"""What the console, the metrics and the readiness check ask about the queue."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min

from atrium.jobs.models import Job, JobQuerySet, Worker, WorkerQuerySet


def counts_by_state() -> dict[str, int]:
    """Return how many jobs are in each state, those without any included."""
    found = dict(Job.objects.values_list("state").annotate(n=Count("pk")))
    return {state.value: found.get(state.value, 0) for state in Job.State}


def waiting_by_owner() -> dict[str, int]:
    """Return how many jobs wait for each owner, the longest queue first."""
    waiting = Job.objects.filter(state=Job.State.WAITING)
    return dict(waiting.values_list("owner").annotate(n=Count("pk")).order_by("-n", "owner"))


def oldest_waiting(*, at: datetime) -> timedelta:
    """Return how long the job that has waited longest has been due."""
    first = Job.objects.filter(state=Job.State.WAITING).aggregate(first=Min("run_at"))["first"]
    return max(at - first, timedelta()) if first else timedelta()


def dead_letters() -> JobQuerySet:
    """Jobs that failed for good, the latest first."""
    return Job.objects.dead().order_by("-ended_at")


def workers_alive(*, at: datetime) -> WorkerQuerySet:
    """Workers that reported themselves within a lease, and are not on their way out."""
    since = at - timedelta(seconds=settings.JOB_LEASE_SECONDS)
    return Worker.objects.seen_since(since).filter(leaving_at=None)
