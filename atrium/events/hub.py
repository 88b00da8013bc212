"""The open streams of one web process: woken by the bell, and looking for themselves if it is dead.

Everything but ``hear`` runs on the event loop. What was stored goes to a stream only as its very
next number, so however it comes (with the bell, from the database, twice, late), a browser gets
each event once and in order.
"""

import asyncio
import contextlib
import json
import logging
import random
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from atrium.events import queries, sse
from atrium.events.open_stream import OpenStream
from atrium.kit import bell
from atrium.kit.offload import offload
from atrium.web import drain

logger = logging.getLogger(__name__)

EVERYONE = "everyone"  # an audience of whispers alone: all streams that are open

ORIGIN = secrets.token_hex(8)  # marks our own whispers when the bell brings them back

POLL_SECONDS = 4.0  # with the reading after it, a dead bell costs at most five
KEEP_ALIVE_SECONDS = 15.0
RECHECK_SECONDS = 30.0
STUCK_SECONDS = 30.0
LOOK_SECONDS = 0.5
PLACES_AT_ONCE = 500  # in one query

_running: "Hub | None" = None


def running_hub() -> "Hub | None":
    """Return the hub of this process, if it serves streams."""
    return _running


class Hub:
    """Hands what is told to the streams of its audience.

    ``deaf`` leaves it without bell and without neighbours, with its poll alone. With ``ticking``
    off nothing happens by the clock; ``look`` does it by hand.
    """

    def __init__(self, *, deaf: bool = False, ticking: bool = True) -> None:
        self._deaf, self._ticking = deaf, ticking
        self._streams: dict[str, set[OpenStream]] = defaultdict(set)
        self._asking: set[OpenStream] = set()  # to be told where their audience stands
        self._behind: set[OpenStream] = set()  # with something to read
        self._doubted: set[OpenStream] = set()  # whose right to listen is to be looked at
        self._stirred = asyncio.Event()
        self._doubting = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.is_draining = False

    async def start(self) -> None:
        global _running  # noqa: PLW0603
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._polled_at = self._loop.time()
        self.is_draining = False
        self._forget_drain = drain.on_drain(self._drain_soon)
        self._tasks = [
            self._loop.create_task(self._read_on()),
            self._loop.create_task(self._check_on()),
        ]
        if self._ticking:
            self._tasks.append(self._loop.create_task(self._tick()))
        self._ear = None if self._deaf else bell.Ear(["live", "whisper"], self.hear)
        if self._ear:
            self._ear.start()
            _running = self

    async def stop(self) -> None:
        global _running  # noqa: PLW0603
        if _running is self:
            _running = None
        self._forget_drain()
        if self._ear:
            await asyncio.to_thread(self._ear.stop)
        self._drain()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def open_streams(self) -> int:
        return sum(map(len, self._streams.values()))

    def streams_of(self, audience: str) -> int:
        return len(self._streams.get(audience, ()))

    @contextlib.contextmanager
    def holding(self, stream: OpenStream) -> Iterator[None]:
        """Keep ``stream`` told, and now and then ask anew whether it may stay."""
        self._streams[stream.audience].add(stream)
        if self.is_draining:
            self.send_away(stream)
        self._ask([stream])
        try:
            yield
        finally:
            ours = self._streams[stream.audience]
            ours.discard(stream)
            if not ours:
                del self._streams[stream.audience]
            for waiting in (self._asking, self._behind, self._doubted):
                waiting.discard(stream)

    def has_room(self, stream: OpenStream) -> None:
        """Called by a stream that has written all it had."""
        if stream in self._behind:
            self._stirred.set()

    # What comes in

    def hear(self, topic: str, message: dict[str, Any] | None) -> None:
        """Take a hint from the bell, or from this process itself, in any thread."""
        if message is None or message.get("origin") != ORIGIN:
            self._soon(self._heard, topic, message)

    def _soon(self, function: Callable[..., None], *args: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            if threading.get_ident() == self._thread:
                self._loop.call_soon(function, *args)
            else:
                self._loop.call_soon_threadsafe(function, *args)

    def _heard(self, topic: str, message: dict[str, Any] | None) -> None:
        if message is None:
            if topic != "whisper":
                self.look()  # something stored was not heard: look at everything
        elif topic == "live":
            self._heard_told(message)
        else:
            for audience, kind, payload in message["whispers"]:
                self._heard_whisper(audience, kind, payload)

    def _heard_told(self, message: dict[str, Any]) -> None:
        here = message["told"].keys() & self._streams.keys()
        text = json.dumps(message["payload"]) if here and "payload" in message else None
        for audience in here:
            seq = message["told"][audience]
            event = sse.told(seq, message["kind"], text) if text is not None else None
            for stream in self._streams[audience]:
                stream.head = max(stream.head, seq)
                if stream.is_ready and event and stream.has_room and stream not in self._behind:
                    stream.offer(seq, event)
                if stream.is_behind:
                    self._behind.add(stream)
                    self._stirred.set()

    def _heard_whisper(self, audience: str, kind: str, payload: dict[str, Any]) -> None:
        streams = self._whose(audience)
        if kind == "bye":
            self._doubt(streams)
            return
        message = sse.whisper(kind, payload) if streams else b""
        for stream in streams:
            if stream.is_ready and stream.has_room:
                stream.put(message)

    def _whose(self, audience: str) -> Iterable[OpenStream]:
        if audience == EVERYONE:
            return [stream for streams in self._streams.values() for stream in streams]
        return self._streams.get(audience, ())

    # Reading

    def look(self) -> None:
        """Ask the database about every stream that is open here."""
        self._polled_at = self._loop.time()
        self._ask(stream for streams in self._streams.values() for stream in streams)

    def _ask(self, streams: Iterable[OpenStream]) -> None:
        self._asking.update(streams)
        if self._asking:
            self._stirred.set()

    async def _read_on(self) -> None:
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            try:
                await self._ask_where_they_stand()
                await self._read()
            except Exception:
                logger.exception("The streams could not be read; the next poll tries again")

    async def _ask_where_they_stand(self) -> None:
        asking = list(self._asking)
        self._asking.clear()
        audiences = sorted({stream.audience for stream in asking})
        for first in range(0, len(audiences), PLACES_AT_ONCE):
            batch = audiences[first : first + PLACES_AT_ONCE]
            heads = await offload(queries.heads, batch)
            chosen = set(batch)
            for stream in asking:
                if stream.audience in chosen:
                    self._place(stream, heads.get(stream.audience, 0))

    def _place(self, stream: OpenStream, head: int) -> None:
        stream.head = max(stream.head, head)
        if stream.sent is None:
            stream.sent = head
        elif stream.sent > head and not stream.is_ready:
            stream.begin_anew_at(head)  # it remembers a future that this database does not have
        self._look_after(stream)

    def _look_after(self, stream: OpenStream) -> None:
        if stream.is_over:
            self._behind.discard(stream)
        elif stream.is_behind:
            self._behind.add(stream)
            self._stirred.set()
        else:
            self._behind.discard(stream)
            if not stream.is_ready:
                stream.say_ready()

    async def _read(self) -> None:
        """Read one page for each stream that is behind and has room, places alike only once."""
        places: dict[tuple[str, int], list[OpenStream]] = defaultdict(list)
        for stream in self._behind:
            if stream.has_room and stream.sent is not None:
                places[stream.audience, stream.sent].append(stream)
        asked = list(places)
        for first in range(0, len(asked), PLACES_AT_ONCE):
            batch = asked[first : first + PLACES_AT_ONCE]
            found = await offload(queries.told_after, batch)
            for place in batch:
                events = [(told.seq, sse.told(*told)) for told in found.get(place, ())]
                for stream in places[place]:
                    self._hand_out(stream, events)

    def _hand_out(self, stream: OpenStream, events: list[tuple[int, bytes]]) -> None:
        if not events or not all(stream.offer(seq, message) for seq, message in events):
            stream.begin_anew_at(stream.head)  # what it asked after is no longer kept
        self._look_after(stream)

    # By the clock

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = self._loop.time()
            if now - self._polled_at >= POLL_SECONDS:
                self.look()
            for stream in [one for streams in self._streams.values() for one in streams]:
                if stream.stuck_since and now - stream.stuck_since > STUCK_SECONDS:
                    stream.drop()
                elif now - stream.wrote_at > KEEP_ALIVE_SECONDS:
                    stream.put(sse.KEEP_ALIVE)
                if now - stream.checked_at > RECHECK_SECONDS:
                    self._doubt([stream])

    def _doubt(self, streams: Iterable[OpenStream]) -> None:
        for stream in streams:
            stream.checked_at = self._loop.time()
            self._doubted.add(stream)
        self._doubting.set()

    async def _check_on(self) -> None:
        while True:
            await self._doubting.wait()
            self._doubting.clear()
            while self._doubted:
                await self._check(self._doubted.pop())

    async def _check(self, stream: OpenStream) -> None:
        try:
            audience = await stream.ask_again()
        except Exception:
            logger.exception("Could not ask whether %s may still listen", stream.audience)
            return
        if audience != stream.audience:
            stream.end(sse.whisper("bye", {}))

    def _drain_soon(self) -> None:
        # From a signal handler, in the loop's own thread: only the threadsafe call wakes it.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._drain)

    def _drain(self) -> None:
        self.is_draining = True
        for stream in [one for streams in self._streams.values() for one in streams]:
            self.send_away(stream)

    def send_away(self, stream: OpenStream) -> None:
        """End a stream so that the browser comes back soon, and not all browsers at once."""
        stream.end(sse.retry(random.randint(500, 1_500)))  # noqa: S311
