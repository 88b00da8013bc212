"""What time it is for leases: the database's, because machines disagree about theirs."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from atrium.kit import clock

_ahead = timedelta()


def now() -> datetime:
    """Return the time by which leases begin and end."""
    return clock.now() + _ahead


def until() -> datetime:
    """Return when a lease ends that begins now."""
    return now() + length()


def length() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def ask_database() -> timedelta:
    """Learn how far the database's clock is ahead of ours. SQLite's is ours."""
    global _ahead  # noqa: PLW0603
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            before = clock.now()
            cursor.execute("SELECT clock_timestamp()")
            (theirs,) = cursor.fetchone()
            _ahead = theirs - before
    return _ahead


def forget_database() -> None:
    """Go by our own clock again."""
    global _ahead  # noqa: PLW0603
    _ahead = timedelta()
