"""Working the queue off in this process and thread: for tests, and for commands."""

from datetime import datetime, timedelta

from django.conf import settings

from atrium.jobs import queue
from atrium.jobs.attempt import attempt
from atrium.jobs.run import Run
from atrium.kit import clock


def run_due(at: datetime | None = None, *, limit: int = 10_000) -> int:
    """Run everything that is due at ``at`` (now), and what that enqueues; return how many ran."""
    at = at or clock.now()
    lease = timedelta(seconds=settings.JOB_LEASE_SECONDS)
    for ran in range(limit):
        queue.promote(at=at)
        claimed = queue.claim(worker="inline", count=1, lease=lease, at=at)
        if not claimed:
            return ran
        attempt(Run(claimed[0]))
    return limit
