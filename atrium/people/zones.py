"""The time zones of the world: read from the disk once, since that takes longer than a page may."""

from functools import cache
from zoneinfo import available_timezones


@cache
def zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))
