from datetime import timedelta

from atrium.jobs.models import Job
from atrium.jobs.registry import Priority, Run, every, job
from atrium.kit import clock

KEPT = timedelta(days=14)
_AT_ONCE = 1000


@job("jobs.forget_ended", priority=Priority.LATER, long=True)
def forget_ended(run: Run) -> None:
    """Delete jobs that ended well, or were called off, a fortnight ago. Dead ones stay."""
    old = Job.objects.filter(
        state__in=(Job.State.DONE, Job.State.CANCELLED), made_at__lt=clock.now() - KEPT
    ).order_by("pk")
    deleted = _AT_ONCE
    while deleted >= _AT_ONCE:
        run.check_cancelled()
        with run.writing():
            deleted, _each = Job.objects.filter(
                pk__in=list(old.values_list("pk", flat=True)[:_AT_ONCE])
            ).delete()


every("jobs.forget_ended", timedelta(hours=6))
