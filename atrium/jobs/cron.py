"""When a five-field cron expression comes due, in UTC. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_YEARS_AHEAD = 9  # 29 February is at most eight years away


class NotCron(ValueError):
    """The expression has no meaning, or no day in any year."""


@dataclass(frozen=True, slots=True)
class Cron:
    """Minutes, hours, days of the month, months and days of the week (0 and 7 are Sunday)."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool  # both kinds of day were narrowed: one of them is enough, as in every cron

    def next_after(self, at: datetime) -> datetime:
        """Return the first minute after ``at`` that fits.

        :raises NotCron: when none comes, such as on 31 February
        """
        moment = at.replace(second=0, microsecond=0) + timedelta(minutes=1)
        last = moment + timedelta(days=366 * _YEARS_AHEAD)
        while moment <= last:
            if moment.month not in self.months or not self._fits_day(moment):
                moment = moment.replace(hour=0, minute=0) + timedelta(days=1)
            elif moment.hour not in self.hours:
                moment = moment.replace(minute=0) + timedelta(hours=1)
            elif moment.minute not in self.minutes:
                moment += timedelta(minutes=1)
            else:
                return moment
        raise NotCron("This expression never comes due.")

    def _fits_day(self, moment: datetime) -> bool:
        of_month = moment.day in self.days
        of_week = moment.isoweekday() % 7 in self.weekdays
        return (of_month or of_week) if self.either_day else (of_month and of_week)


def parse(expression: str) -> Cron:
    """Read ``minute hour day month weekday`` with ``*``, ``a-b``, ``a,b`` and ``/step``.

    :raises NotCron: for anything else
    """
    fields = expression.split()
    if len(fields) != len(_BOUNDS):
        raise NotCron(f"{expression!r} has not five fields.")
    minutes, hours, days, months, weekdays = (
        _numbers(field, *bounds) for field, bounds in zip(fields, _BOUNDS, strict=True)
    )
    return Cron(
        minutes=minutes,
        hours=hours,
        days=days,
        months=months,
        weekdays=frozenset(day % 7 for day in weekdays),
        either_day=not fields[2].startswith("*") and not fields[4].startswith("*"),
    )


def _numbers(field: str, lowest: int, highest: int) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span == "*":
            low, high = lowest, highest
        else:
            low = _number(first)
            high = _number(last) if dash else (highest if slash else low)
        stride = _number(step) if slash else 1
        if not lowest <= low <= high <= highest or stride < 1:
            raise NotCron(f"{part!r} is not between {lowest} and {highest}.")
        found.update(range(low, high + 1, stride))
    return frozenset(found)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 2):
        raise NotCron(f"{text!r} is not a number.")
    return int(text)
