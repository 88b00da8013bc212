import asyncio
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction

from atrium.events import murmur
from atrium.events.hub import running_hub
from atrium.events.models import RecordedEvent, Stream, StreamEvent
from atrium.kit import bell
from atrium.kit.limits import LIMITS

TELLING_CHARACTERS = 16_000  # of one stream event; what is longer is fetched by whoever hears it
AUDIENCES_AT_ONCE = 50  # so that their names and numbers leave room in what the bell carries
ROOM_FOR_ENVELOPE = 500

TOLD_KEPT = timedelta(days=14)
FACTS_KEPT = timedelta(days=90)
PRUNED_AT_ONCE = 1_000

_COUNT_ON = """
INSERT INTO events_stream (audience, last_seq) VALUES {rows}
ON CONFLICT (audience) DO UPDATE SET last_seq = events_stream.last_seq + 1
RETURNING audience, last_seq
"""


def tell(audience: str, kind: str, payload: dict[str, Any], *, at: datetime) -> int:
    """Tell one audience something that it will hear once, in order, even if it is away now.

    It arrives in the browser as the event ``live:<kind>``. The audience's stream is locked until
    the transaction ends, so tell last, and use ``tell_all`` for several audiences.
    """
    return tell_all([audience], kind, payload, at=at)[audience]


def tell_all(
    audiences: Iterable[str], kind: str, payload: dict[str, Any], *, at: datetime
) -> dict[str, int]:
    """Tell each audience the same; return the number it has in each stream.

    Streams are locked in the order of their names, so that two tellings cannot wait for each other.
    """
    assert len(json.dumps(payload)) <= TELLING_CHARACTERS, f"{kind}: let who hears it fetch it"
    names = sorted(set(audiences))
    assert all(names), "an audience without a name hears nothing"
    told: dict[str, int] = {}
    with transaction.atomic():
        for first in range(0, len(names), AUDIENCES_AT_ONCE):
            group = _count_on(names[first : first + AUDIENCES_AT_ONCE])
            _ring(group, kind, payload)
            told |= group
        StreamEvent.objects.bulk_create(
            StreamEvent(stream_id=name, seq=told[name], kind=kind, payload=payload, told_at=at)
            for name in names
        )
    return told


def forget_streams(*, audiences: Iterable[str]) -> int:
    """Remove all that these audiences were told: nobody listens as them any more."""
    return Stream.objects.filter(audience__in=[*audiences]).delete()[0]


def whisper(audience: str, kind: str, payload: dict[str, Any]) -> None:
    """Tell an audience something that only matters now; it is not stored and may be lost.

    Safe from any thread and from the event loop. Within a transaction it is said after the commit.
    The audience ``everyone`` is all whose stream is open. A ``bye`` makes the hubs ask again
    whether this audience's open streams may stay.
    """
    said = (audience, kind, payload)
    hub = running_hub()
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        murmur.ring([said])
        if hub:
            _at_the_commit(partial(hub.hear, murmur.TOPIC, {"whispers": [said]}))
    else:
        murmur.gather(said, loop)
        if hub:
            hub.hear(murmur.TOPIC, {"whispers": [said]})


def _count_on(names: list[str]) -> dict[str, int]:
    """Take the next number of each stream, and with it the stream's lock."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_ON.format(rows=", ".join(["(%s, 1)"] * len(names))), names)
        return dict(cursor.fetchall())


def _ring(told: dict[str, int], kind: str, payload: dict[str, Any]) -> None:
    """Wake the hubs at the commit; a payload that fits rides along and need not be read there."""
    message = {"told": told, "kind": kind, "payload": payload}
    if len(json.dumps(message)) > LIMITS.bell_bytes - ROOM_FOR_ENVELOPE:
        del message["payload"]
    bell.ring("live", message)
    if hub := running_hub():
        _at_the_commit(partial(hub.hear, "live", message))


def _at_the_commit(do: Callable[[], None]) -> None:
    if connection.in_atomic_block:
        transaction.on_commit(do, robust=True)
    else:
        do()


def prune(*, at: datetime) -> int:
    """Delete what nobody will ask for any more; return how many rows that were.

    Who asks after something pruned is told to begin anew (``live:reset``).
    """
    gone = sum(_prune_oldest(StreamEvent, "told_at", at - TOLD_KEPT))
    return gone + sum(_prune_oldest(RecordedEvent, "recorded_at", at - FACTS_KEPT))


def _prune_oldest(
    model: type[StreamEvent] | type[RecordedEvent], when: str, before: datetime
) -> Iterator[int]:
    """Delete from the oldest key upwards, a little at a time, until a batch has nothing old."""
    while True:
        batch = model.objects.order_by("pk").values_list("pk", when)[:PRUNED_AT_ONCE]
        old = [pk for pk, moment in batch if moment < before]
        if not old:
            return
        yield model.objects.filter(pk__in=old).delete()[0]
