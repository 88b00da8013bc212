"""Exact counts of what is bounded, in fixed windows, across all processes and threads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from atrium.kit.errors import TooMany
from atrium.people.models import Attempt

# One statement is the lock: it counts, or opens a new window when the last one has ended.
_COUNT = """
INSERT INTO people_attempt (bucket, used, window_ends_at) VALUES {rows}
ON CONFLICT (bucket) DO UPDATE SET
    used = CASE WHEN people_attempt.window_ends_at <= %s THEN excluded.used
        ELSE people_attempt.used + excluded.used END,
    window_ends_at = CASE WHEN people_attempt.window_ends_at <= %s
        THEN excluded.window_ends_at ELSE people_attempt.window_ends_at END
RETURNING bucket, used, window_ends_at
"""


@dataclass(frozen=True, slots=True)
class Bound:
    """``limit`` times within ``seconds``."""

    limit: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Count:
    """Where a bucket stands after one more try."""

    used: int
    bound: Bound
    window_ends_at: datetime

    @property
    def is_over(self) -> bool:
        return self.used > self.bound.limit

    @property
    def left(self) -> int:
        return max(0, self.bound.limit - self.used)

    def check(self, refusal: type[TooMany], said: str, *, way_on: str = "") -> None:
        """Refuse, in these words and with the numbers, when there were more tries than allowed.

        :raises TooMany: of the kind ``refusal``
        """
        if self.is_over:
            raise refusal(
                said,
                limit=self.bound.limit,
                used=self.bound.limit,
                retry_at=self.window_ends_at,
                way_on=way_on,
            )


def count(bucket: str, bound: Bound, *, at: datetime) -> Count:
    """Count one more try in ``bucket``, for good even when the caller's work is undone after it.

    Call it outside a transaction: inside one, an undone try would not count.
    """
    return count_all({bucket: bound}, at=at)[0]


def count_all(
    buckets: Mapping[str, Bound], *, each: Mapping[str, int] | None = None, at: datetime
) -> list[Count]:
    """Count one more try in each bucket, in one go, and return them in the order of their names.

    :param each: how many tries at once, by bucket, where that is not one
    """
    now, values = _stored(at), []
    # Always in the same order, or two of these could wait for each other.
    for bucket in sorted(buckets):
        ends_at = at + timedelta(seconds=buckets[bucket].seconds)
        values += [bucket, (each or {}).get(bucket, 1), _stored(ends_at)]
    statement = _COUNT.format(rows=", ".join(["(%s, %s, %s)"] * len(buckets)))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, now, now])
        rows = cursor.fetchall()
    found = {bucket: Count(used, buckets[bucket], _read(ends)) for bucket, used, ends in rows}
    return [found[bucket] for bucket in sorted(buckets)]


def forget(bucket: str) -> None:
    """Start over, because the last try succeeded."""
    Attempt.objects.filter(bucket=bucket).delete()


def clear_ended(*, at: datetime) -> None:
    Attempt.objects.filter(window_ends_at__lte=at).delete()


def _stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def _read(stored: Any) -> datetime:
    moment = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
