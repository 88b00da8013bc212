"""Jobs that come by the clock: the rows behind ``registry.every``, and their firing."""

from datetime import datetime

from django.db import transaction

from atrium.jobs import registry
from atrium.jobs.actions import enqueue
from atrium.jobs.models import Schedule


def keep_rows(*, at: datetime) -> None:
    """Make the rows agree with what the apps registered; the operator's switch stays as it is."""
    rhythms = {rhythm.name: rhythm for rhythm in registry.rhythms()}
    Schedule.objects.bulk_create(
        [
            Schedule(
                name=rhythm.name,
                seconds=rhythm.seconds,
                cron=rhythm.cron,
                arguments=rhythm.arguments,
                next_at=rhythm.next_after(at),
            )
            for rhythm in rhythms.values()
        ],
        ignore_conflicts=True,
    )
    for row in Schedule.objects.all():
        rhythm = rhythms.get(row.name)
        if rhythm is None:
            row.delete()
        elif (row.seconds, row.cron, row.arguments) != (
            rhythm.seconds,
            rhythm.cron,
            rhythm.arguments,
        ):
            Schedule.objects.filter(pk=row.pk).update(
                seconds=rhythm.seconds,
                cron=rhythm.cron,
                arguments=rhythm.arguments,
                next_at=rhythm.next_after(at),
            )


def fire(*, at: datetime) -> int:
    """Enqueue what has come due, once among all workers, and once for all that was missed."""
    ours = [rhythm.name for rhythm in registry.rhythms()]  # a newer worker may know more
    due = Schedule.objects.filter(pk__in=ours, enabled=True, next_at__lte=at)
    return sum(_fire_one(row, at=at) for row in due.select_related("last_job"))


def _fire_one(row: Schedule, *, at: datetime) -> bool:
    with transaction.atomic():
        # Whoever moves ``next_at`` on is the one who enqueues.
        moved = Schedule.objects.filter(pk=row.pk, next_at=row.next_at, enabled=True).update(
            next_at=registry.next_after(seconds=row.seconds, expression=row.cron, at=at)
        )
        if not moved or (row.last_job and row.last_job.is_unfinished):
            return False
        job = enqueue(row.name, at=at, **row.arguments)
        Schedule.objects.filter(pk=row.pk).update(last_job=job)
    return True
