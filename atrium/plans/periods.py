"""Months that begin on the same day: the 31st becomes the 28th in February, and the 31st again."""

from calendar import monthrange
from datetime import datetime


def month_after(began: datetime, *, day: int, months: int = 1) -> datetime:
    """Return when the period ends that began then, or the one so many months later.

    ``day`` is the day of the month on which the first began; a shorter month ends it on its last.
    """
    number = began.month - 1 + months
    year, month = began.year + number // 12, number % 12 + 1
    return began.replace(year=year, month=month, day=min(day, monthrange(year, month)[1]))


def period_at(began: datetime, *, day: int, at: datetime) -> tuple[datetime, datetime]:
    """Return the period that holds ``at``, of those that follow the one that began then."""
    if at <= began:
        return began, month_after(began, day=day)
    months = (at.year - began.year) * 12 + at.month - began.month
    while month_after(began, day=day, months=months) > at:
        months -= 1
    first = month_after(began, day=day, months=months) if months else began
    return first, month_after(began, day=day, months=months + 1)
