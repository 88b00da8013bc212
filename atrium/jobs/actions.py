"""What may be done with a job: ask for it, call it off, have a dead one run again."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext as _

from atrium.jobs import queue, registry
from atrium.jobs.models import Job, Priority, Schedule
from atrium.kit import bell
from atrium.kit.errors import Conflict

TOPIC = "jobs"


class NotRunnable(Conflict):
    code = "job_not_runnable"


def enqueue(
    name: str,
    *,
    owner: str = "",
    about: tuple[str, UUID] | None = None,
    priority: Priority | None = None,
    delay: timedelta | None = None,
    key: str = "",
    at: datetime,
    **arguments: Any,
) -> Job:
    """Ask for the registered job ``name`` in the caller's transaction.

    UUIDs and datetimes in ``arguments`` reach the function as such. A ``key`` that was used before
    gives back the job it was used for, whatever became of it.
    """
    kind = registry.kind_of(name)
    kind.check(arguments)
    run_at = at + (delay or timedelta())
    job = Job(
        name=name,
        arguments=arguments,
        owner=owner,
        about_kind=about[0] if about else "",
        about_id=about[1] if about else None,
        key=key,
        state=Job.State.SCHEDULED if run_at > at else Job.State.WAITING,
        priority=kind.priority if priority is None else priority,
        run_at=run_at,
        attempts=kind.attempts,
        made_at=at,
    )
    if not queue.insert(job, json.dumps(arguments, cls=DjangoJSONEncoder)):
        return Job.objects.get(key=key)
    job._state.adding = False  # noqa: SLF001
    if job.state == Job.State.WAITING:
        bell.ring(TOPIC)
    return job


def cancel(*, job: Job, at: datetime) -> Job:
    """Call off ``job``: at once when it has not begun, else at its next look. Ended ones stay."""
    with transaction.atomic():
        unbegun = Job.objects.filter(
            pk=job.pk, state__in=(Job.State.WAITING, Job.State.SCHEDULED)
        ).update(state=Job.State.CANCELLED, cancel_asked_at=at, ended_at=at)
        if not unbegun:
            asked = Job.objects.filter(
                pk=job.pk, state=Job.State.RUNNING, cancel_asked_at=None
            ).update(cancel_asked_at=at)
            if asked:
                bell.ring(TOPIC, {"cancel": str(job.pk)})
        job.refresh_from_db()
        if unbegun:
            registry.tell_ended(job, at=at)
    return job


def hand_over(*, owner: str, to: str) -> int:
    """Make the jobs of one owner another's, who is told how they end; return how many."""
    return Job.objects.of(owner).update(owner=to)


def run_again(*, job: Job, at: datetime) -> Job:
    """Let a failed or cancelled job start over, with all its attempts.

    :raises NotRunnable: when it is in any other state
    """
    with transaction.atomic():
        Job.objects.filter(pk=job.pk, state__in=(Job.State.FAILED, Job.State.CANCELLED)).update(
            cancel_asked_at=None, run_at=at, error="", trace="", progress_done=0, progress_note=""
        )
        started = any(
            queue.wait(job, before=state, attempt=0)
            for state in (Job.State.FAILED, Job.State.CANCELLED)
        )
        if not started:
            raise NotRunnable(_("Only a job that failed or was cancelled can run again."))
        bell.ring(TOPIC)
        job.refresh_from_db()
    return job


def pause_schedule(*, schedule: Schedule) -> None:
    """Let the schedule rest until somebody resumes it; what it started already goes on."""
    Schedule.objects.filter(pk=schedule.pk).update(enabled=False)


def resume_schedule(*, schedule: Schedule) -> None:
    """Let the schedule come again; what fell due meanwhile comes once."""
    Schedule.objects.filter(pk=schedule.pk).update(enabled=True)
