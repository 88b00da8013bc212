"""Working the queue off in this process and thread: for tests, and for commands."""

from datetime import datetime

from atrium.jobs import leases, queue
from atrium.jobs.attempt import attempt
from atrium.jobs.run import Run
from atrium.kit import clock


def run_due(at: datetime | None = None, *, limit: int = 10_000) -> int:
    """Run everything that is due at ``at`` (now), and what that enqueues; return how many ran."""
    at = at or clock.now()
    for ran in range(limit):
        queue.promote(at=at)
        claimed = queue.claim(worker="inline", count=1, lease=leases.length(), at=at)
        if not claimed:
            return ran
        attempt(Run(claimed[0]))
    return limit
