"""When a renewal that failed is tried again, within the days a plan goes on unpaid."""

import re
from datetime import datetime, timedelta

from atrium.options.queries import value

_DAYS = re.compile(r"[0-9]{1,3}( *, *[0-9]{1,3})*")


def read_days(text: str) -> list[int]:
    """Return the days that the option names, in their order; none when it names something else."""
    if not _DAYS.fullmatch(text.strip()):
        return []
    return sorted({int(part) for part in text.split(",")} - {0})


def grace_from(since: datetime) -> datetime:
    """Return until when a plan goes on whose renewal is due since then."""
    return since + timedelta(days=int(value("plans.grace_days")))


def next_retry(*, since: datetime, until: datetime, at: datetime) -> datetime | None:
    """Return the next moment to try; None when the grace ends before."""
    days = read_days(str(value("plans.retry_days")))
    moments = [since + timedelta(days=day) for day in days]
    return next((moment for moment in moments if at < moment < until), None)
