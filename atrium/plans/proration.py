"""What a change in the middle of a period costs, in whole minor units."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_UNIT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Split:
    """A price for a whole period, in what is over of it and what is left."""

    used: int
    rest: int


def split(price_minor: int, *, began: datetime, ends: datetime, at: datetime) -> Split:
    """Share the price by time; what is left is rounded down, and both make the whole."""
    if price_minor < 0 or ends <= began:
        raise ValueError("A price is not negative, and a period ends after it began.")
    whole = (ends - began) // _UNIT
    left = min(max((ends - at) // _UNIT, 0), whole)
    rest = price_minor * left // whole
    return Split(used=price_minor - rest, rest=rest)


@dataclass(frozen=True, slots=True)
class Change:
    """What moving from one price to another costs for the rest of a period."""

    back_minor: int  # for what was paid and will not be used
    forth_minor: int  # for the rest of the period at the new price

    @property
    def due_minor(self) -> int:
        return max(0, self.forth_minor - self.back_minor)


def change(
    *, old_minor: int, new_minor: int, began: datetime, ends: datetime, at: datetime
) -> Change:
    """Return what is paid now to have the new price's plan until the period's end."""
    times = {"began": began, "ends": ends, "at": at}
    return Change(
        back_minor=split(old_minor, **times).rest, forth_minor=split(new_minor, **times).rest
    )
