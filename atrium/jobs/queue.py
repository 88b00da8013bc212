"""The queue's own statements: in, forward in turn, out to a worker.

Written as SQL because each has to be one statement on both engines.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from atrium.jobs.models import Job

_META = Job._meta  # noqa: SLF001
_TABLE = _META.db_table
_GIVEN = (
    *("id", "name", "arguments", "owner", "about_kind", "about_id", "key"),
    *("state", "priority", "run_at", "attempts", "made_at"),
)
_COLUMNS = [field.column for field in _META.concrete_fields]
_NAMES = [field.attname for field in _META.concrete_fields]
_LITERALS = {None: "NULL", "": "''", 0: "0"}
# What a new job does not have yet stands in the statement: a third fewer values to carry across.
_BLANK = {
    field.column: _LITERALS[field.get_default()]
    for field in _META.concrete_fields
    if field.name not in {*_GIVEN, "turn"}
}

PROMOTED_AT_ONCE = 200

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


def _turn(*, has_owner: bool) -> str:
    if not has_owner:
        return f"{_SERVED} + 1"
    later = "GREATEST" if connection.vendor == "postgresql" else "MAX"
    return f"{later}({_SERVED}, {_LAST_OF_OWNER}) + 1"


def _asked_of_turn(job: Job) -> list[Any]:
    priority = int(job.priority)
    return [priority, job.owner, priority] if job.owner else [priority]


def insert(job: Job, arguments: str) -> bool:
    """Store a new job with its arguments as JSON, and its turn when it waits.

    False when its key is taken.
    """
    waits = job.state == Job.State.WAITING
    values = [
        _identity(job.pk), job.name, arguments, job.owner, job.about_kind,
        job.about_id and _identity(job.about_id), job.key, str(job.state), int(job.priority),
        stamp(job.run_at), job.attempts, stamp(job.made_at),
    ]  # fmt: skip
    turn = _turn(has_owner=bool(job.owner)) if waits else "0"
    marks = ", ".join(["%s"] * len(values))
    # Where no key can clash, PostgreSQL is not asked to look for a conflict.
    rest = " ON CONFLICT DO NOTHING" if job.key else ""
    return bool(
        execute(
            f"INSERT INTO {_TABLE} ({', '.join((*_GIVEN, *_BLANK, 'turn'))})"  # noqa: S608
            f" VALUES ({marks}, {', '.join(_BLANK.values())}, {turn}){rest}",
            [*values, *(_asked_of_turn(job) if waits else [])],
        )
    )


def finish(job: Job) -> bool:
    """Write the row of a job that ended well, under its fence; False when it is no longer ours."""
    return bool(
        execute(
            f"UPDATE {_TABLE} SET state = 'done', ended_at = %s, lease_until = NULL,"  # noqa: S608
            " error = '', trace = '', progress_done = %s, progress_total = %s, progress_note = %s"
            " WHERE id = %s AND fence = %s AND state = 'running'",
            [
                stamp(job.ended_at),
                job.progress_done,
                job.progress_total,
                job.progress_note,
                _identity(job.pk),
                job.fence,
            ],
        )
    )


def execute(sql: str, values: Sequence[Any]) -> int:
    """Run one of the queue's hot statements and return how many rows it met.

    Prepared on PostgreSQL, which else spends more on planning it than on doing it. Django has no
    word for that, and preparing everything would make its searches slow (a generic plan).
    """
    with _hot(sql, values) as cursor:
        return int(cursor.rowcount)


@contextmanager
def _hot(sql: str, values: Sequence[Any]) -> Iterator[Any]:
    connection.ensure_connection()
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            yield cursor
            return
    connection.validate_no_broken_transaction()
    line: psycopg.Connection[Any] = connection.connection
    if line.prepare_threshold is None:
        line.prepare_threshold = sys.maxsize  # only what is prepared by name, as here
    with connection.wrap_database_errors, psycopg.Cursor(line) as hot:
        yield hot.execute(sql, values, prepare=True)


def claim(*, worker: str, count: int, lease: timedelta, at: datetime) -> list[Job]:
    """Take up to ``count`` waiting jobs for ``worker``, in the order in which they are to run."""
    # Without MATERIALIZED PostgreSQL may run the limited subquery again for each row.
    lock = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    sql = (
        f"WITH picked AS MATERIALIZED (SELECT id FROM {_TABLE} WHERE state = 'waiting'"  # noqa: S608
        f" ORDER BY priority, turn, id LIMIT %s {lock})"
        f" UPDATE {_TABLE} SET state = 'running', fence = fence + 1, attempt = attempt + 1,"
        " worker = %s, lease_until = %s, started_at = %s"
        " WHERE id IN (SELECT id FROM picked) AND state = 'waiting'"
        f" RETURNING {', '.join(_COLUMNS)}"
    )
    with _hot(sql, [count, worker, stamp(at + lease), stamp(at)]) as cursor:
        taken = [_job(row) for row in cursor.fetchall()]
    return sorted(taken, key=lambda job: (job.priority, job.turn, job.pk))


def promote(*, at: datetime) -> int:
    """Let scheduled jobs that have come due wait for their turn; return how many did."""
    due = Job.objects.filter(state=Job.State.SCHEDULED, run_at__lte=at).order_by("run_at")
    return sum(wait(job, before=Job.State.SCHEDULED) for job in due[:PROMOTED_AT_ONCE])


def wait(job: Job, *, before: Job.State, fence: int | None = None, attempt: int = -1) -> bool:
    """Put ``job`` into the queue with a fresh turn; False when it is no longer in ``before``.

    The old turn means nothing any more: since then the queue may have begun again from nought.
    """
    turn, asked = _turn(has_owner=bool(job.owner)), _asked_of_turn(job)
    sets = ["state = 'waiting'", "lease_until = NULL", "worker = ''", "ended_at = NULL"]
    if attempt >= 0:
        sets.append(f"attempt = {attempt:d}")
    fenced, given = (" AND fence = %s", [fence]) if fence is not None else ("", [])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_TABLE} SET {', '.join(sets)}, turn = {turn}"  # noqa: S608
            f" WHERE id = %s AND state = %s{fenced}",
            [*asked, _identity(job.pk), before, *given],
        )
        return bool(cursor.rowcount)


def give_back(jobs: Sequence[Job]) -> int:
    """Return claimed jobs that were not begun, or not finished in time; it was no attempt."""
    return sum(
        wait(job, before=Job.State.RUNNING, fence=job.fence, attempt=max(job.attempt - 1, 0))
        for job in jobs
    )


def _job(row: Sequence[Any]) -> Job:
    """Return the job whose columns the engine's driver gave."""
    values = list(row)
    for place, (converters, expression) in _converters(connection.vendor).items():
        for convert in converters:
            values[place] = convert(values[place], expression, connection)
    return Job.from_db(connection.alias, _NAMES, values)


@cache
def _converters(_vendor: str) -> dict[int, tuple[list[Any], Any]]:
    compiler = Job.objects.all().query.get_compiler(connection.alias)
    found: dict[int, tuple[list[Any], Any]] = compiler.get_converters(
        [field.get_col(_TABLE) for field in _META.concrete_fields]
    )
    return found


def stamp(at: datetime | None) -> Any:
    """Return ``at`` as the engine's driver takes it in SQL of our own."""
    return connection.ops.adapt_datetimefield_value(at)


def _identity(identity: UUID) -> Any:
    return _META.pk.get_db_prep_value(identity, connection)
