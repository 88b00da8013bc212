from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from django.db import connection

from atrium.events.models import Stream

PAGE = 100  # events of one stream in one reading

_ROWS = """
WITH asked (audience, after) AS (VALUES {pairs})
SELECT asked.audience, asked.after, told.seq, told.kind, CAST(told.payload AS text)
FROM asked CROSS JOIN events_streamevent told
WHERE told.stream_id = asked.audience
  AND told.seq > asked.after AND told.seq <= asked.after + %s
ORDER BY told.seq
"""


class Told(NamedTuple):
    """One stream event as it goes out: its payload is JSON text already."""

    seq: int
    kind: str
    payload: str


def position(audience: str) -> int:
    """Return the number of what this audience was told last, 0 if nothing was.

    A page that asks before it reads its rows, and lets its stream begin there, misses nothing.
    """
    return heads([audience]).get(audience, 0)


def heads(audiences: Collection[str]) -> dict[str, int]:
    """Return the last number of each stream that exists."""
    return dict(Stream.objects.filter(pk__in=audiences).values_list("pk", "last_seq"))


def told_after(places: Collection[tuple[str, int]]) -> dict[tuple[str, int], list[Told]]:
    """Return what comes after each place (audience, number), at most PAGE of each, in one query.

    Numbers have no holes, so a range of numbers is an exact limit.
    """
    found: dict[tuple[str, int], list[Told]] = defaultdict(list)
    if not places:
        return found
    pairs = ", ".join(["(%s, CAST(%s AS bigint))"] * len(places))
    values = [value for place in places for value in place]
    with connection.cursor() as cursor:
        cursor.execute(_ROWS.format(pairs=pairs), [*values, PAGE])
        for audience, after, seq, kind, payload in cursor.fetchall():
            found[audience, after].append(Told(seq, kind, payload))
    return found


class Page(NamedTuple):
    """What a poll gets: events after its place, and where to go on from."""

    events: list[Told]
    last: int
    is_reset: bool
    has_more: bool


def since(audience: str, after: int | None) -> Page:
    """Return what this audience was told after ``after``; with None only where it stands now."""
    head = position(audience)
    if after is None or after == head:
        return Page([], head, is_reset=False, has_more=False)
    events = told_after([(audience, after)])[audience, after] if after < head else []
    if not events or events[0].seq != after + 1:
        return Page([], head, is_reset=True, has_more=False)
    last = events[-1].seq
    return Page(events, last, is_reset=False, has_more=last < head)
