"""The queue's own statements: in, forward in turn, out to a worker.

Written as SQL because each has to be one statement on both engines.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from atrium.jobs.models import Job

_META = Job._meta  # noqa: SLF001
_TABLE = _META.db_table
_FIELDS = tuple(
    field for field in _META.concrete_fields if field.name != "turn"
)
_COLUMNS = ", ".join(f'"{field.column}"' for field in (*_FIELDS, _META.get_field("turn")))

# Start-time fair queueing: a new job's turn is one after the turn now being served, or one after
# the last of the same owner if that is later. So who has a thousand jobs waiting has them spread
# over a thousand turns, and who comes with one is in the next. The house (no owner) is a stranger
# each time: it waits for the jobs of this turn, and never behind a queue of its own.
_SERVED = (
    "COALESCE((SELECT turn FROM jobs_job WHERE state = 'waiting' AND priority = %s"
    " ORDER BY priority, turn, id LIMIT 1), 0)"
)
_LAST_OF_OWNER = (
    "COALESCE((SELECT turn FROM jobs_job WHERE state = 'waiting' AND owner <> ''"
    " AND owner = %s AND priority = %s ORDER BY owner DESC, priority DESC, turn DESC LIMIT 1), 0)"
)


def _turn(job: Job) -> tuple[str, list[Any]]:
    if not job.owner:
        return f"{_SERVED} + 1", [int(job.priority)]
    later = "GREATEST" if connection.vendor == "postgresql" else "MAX"
    return (
        f"{later}({_SERVED}, {_LAST_OF_OWNER}) + 1",
        [int(job.priority), job.owner, int(job.priority)],
    )


def insert(job: Job) -> bool:
    """Store a new job, with its turn when it waits; False when its key is taken."""
    values = [field.get_db_prep_save(getattr(job, field.attname), connection) for field in _FIELDS]
    turn, asked = _turn(job) if job.state == Job.State.WAITING else ("0", [])
    marks = ", ".join(["%s"] * len(values))
    # Asking PostgreSQL for no conflict handling where no key can clash keeps the plain path cheap.
    rest = " ON CONFLICT DO NOTHING" if job.key else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_TABLE} ({_COLUMNS}) VALUES ({marks}, {turn}){rest}",  # noqa: S608
            [*values, *asked],
        )
        return bool(cursor.rowcount)


def claim(*, worker: str, count: int, lease: timedelta, at: datetime) -> list[Job]:
    """Take up to ``count`` waiting jobs for ``worker``, in the order in which they are to run."""
    # Without MATERIALIZED PostgreSQL may run the limited subquery again for each row.
    lock = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    taken = Job.objects.raw(
        f"WITH picked AS MATERIALIZED (SELECT id FROM {_TABLE} WHERE state = 'waiting'"  # noqa: S608
        f" ORDER BY priority, turn, id LIMIT %s {lock})"
        f" UPDATE {_TABLE} SET state = 'running', fence = fence + 1, attempt = attempt + 1,"
        " worker = %s, lease_until = %s, started_at = %s"
        " WHERE id IN (SELECT id FROM picked) AND state = 'waiting' RETURNING *",
        [count, worker, stamp(at + lease), stamp(at)],
    )
    return sorted(taken, key=lambda job: (job.priority, job.turn, job.pk))


def promote(*, at: datetime, limit: int = 200) -> int:
    """Let scheduled jobs that have come due wait for their turn; return how many did."""
    due = Job.objects.filter(state=Job.State.SCHEDULED, run_at__lte=at).order_by("run_at")
    return sum(wait(job, before=Job.State.SCHEDULED) for job in due[:limit])


def wait(job: Job, *, before: Job.State, fence: int | None = None, attempt: int = -1) -> bool:
    """Put ``job`` into the queue with a fresh turn; False when it is no longer in ``before``.

    The old turn means nothing any more: since then the queue may have begun again from nought.
    """
    turn, asked = _turn(job)
    sets = ["state = 'waiting'", "lease_until = NULL", "worker = ''", "ended_at = NULL"]
    if attempt >= 0:
        sets.append(f"attempt = {attempt:d}")
    fenced, given = (" AND fence = %s", [fence]) if fence is not None else ("", [])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_TABLE} SET {', '.join(sets)}, turn = {turn}"  # noqa: S608
            f" WHERE id = %s AND state = %s{fenced}",
            [*asked, _identity(job), before, *given],
        )
        return bool(cursor.rowcount)


def give_back(jobs: Sequence[Job]) -> int:
    """Return claimed jobs that were not begun, or not finished in time; it was no attempt."""
    return sum(
        wait(job, before=Job.State.RUNNING, fence=job.fence, attempt=max(job.attempt - 1, 0))
        for job in jobs
    )


def stamp(at: datetime) -> Any:
    """Return ``at`` as the engine's driver takes it in SQL of our own."""
    return connection.ops.adapt_datetimefield_value(at)


def _identity(job: Job) -> Any:
    return _META.pk.get_db_prep_value(job.pk, connection)
