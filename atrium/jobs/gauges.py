"""What the metrics and the readiness check say of the queue."""

from django.conf import settings

from atrium.jobs import queries
from atrium.kit import clock
from atrium.web import health
from atrium.web.metrics import Gauge

Gauge("atrium_jobs", "Jobs kept, by state.", queries.counts_by_state, label="state")
Gauge(
    "atrium_jobs_oldest_waiting_seconds",
    "Seconds that the job at the head of the queue has been due.",
    lambda: queries.oldest_waiting(at=clock.now()).total_seconds(),
)
Gauge(
    "atrium_jobs_dead",
    "Jobs that failed for good and wait for somebody to look.",
    lambda: queries.dead_letters().count(),
)
Gauge(
    "atrium_workers",
    "Workers that reported themselves within a lease.",
    lambda: queries.workers_alive(at=clock.now()).count(),
)


def _worker() -> str:
    alive = queries.workers_alive(at=clock.now()).count()
    if alive:
        return f"{alive} seen"
    if settings.ATRIUM.worker == "none":  # somebody else's to run, and pages are served without
        return "warning: none seen; run bin/atrium worker"
    said = f"none seen for {settings.JOB_LEASE_SECONDS} s"
    raise health.NotReady(said)


health.register("worker", _worker)
