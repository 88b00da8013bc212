"""Streams of one process, both ends in the test's hand; the rest is real."""

import asyncio
import random
from collections.abc import Coroutine
from functools import partial
from typing import Any

import pytest

from atrium.events.actions import prune, tell_all, whisper
from atrium.events.hub import Hub, running_hub
from atrium.events.models import StreamEvent
from atrium.events.open_stream import OpenStream
from atrium.events.queries import PAGE
from atrium.kit import bell, clock
from atrium.kit.carriers.silence import Silence
from atrium.kit.offload import offload
from tests.conftest import Clock
from tests.events.listening import Reader, hub_running, stream_of, told

pytestmark = pytest.mark.django_db(transaction=True)

ALICE, BOB = "person:alice", "person:bob"


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def has_heard(count: int, reader: Reader) -> bool:
    return len(reader.seqs) == count


def has_come_to(seq: int, reader: Reader) -> bool:
    return (reader.last_id or 0) >= seq


def test_what_was_told_comes_first_then_ready_then_what_is_new() -> None:
    async def story() -> None:
        await told(ALICE, 3)
        async with hub_running() as hub, Reader(stream_of(hub), ALICE, after=1) as reader:
            await reader.until_ready()
            assert reader.kinds == ["note", "note", "ready"]
            await told(ALICE, 2, text="zwei\nZeilen “x”")
            await reader.until(lambda reader: len(reader.seqs) == 4)
            assert reader.seqs == [2, 3, 4, 5]
            assert [one["id"] for one in reader.messages] == [2, 3, 3, 4, 5]
            assert reader.messages[-1]["payload"] == {"text": "zwei\nZeilen “x”"}

    run(story())


def test_who_asks_after_nothing_begins_where_the_stream_stands() -> None:
    async def story() -> None:
        await told(ALICE, 3)
        async with hub_running() as hub:
            async with Reader(stream_of(hub), ALICE) as reader:
                await reader.until_ready()
                assert reader.messages == [
                    {"id": 3, "seq": 3, "kind": "ready", "payload": {}},
                ]
            async with Reader(stream_of(hub), BOB) as reader:
                await reader.until_ready()
                assert reader.last_id == 0
                await told(BOB)
                await reader.until(lambda reader: reader.seqs == [1])

    run(story())


def test_what_the_browser_remembers_goes_before_what_the_page_said() -> None:
    async def story() -> None:
        await told(ALICE, 5)
        async with (
            hub_running() as hub,
            Reader(stream_of(hub), ALICE, after=1, last_id=4) as reader,
        ):
            await reader.until_ready()
            assert reader.seqs == [5]

    run(story())


def test_nobody_hears_what_others_are_told() -> None:
    async def story() -> None:
        async with (
            hub_running() as hub,
            Reader(stream_of(hub), ALICE) as alice,
            Reader(stream_of(hub), BOB) as bob,
        ):
            await alice.until_ready()
            await bob.until_ready()
            await told(ALICE, secret="x")
            await offload(whisper, ALICE, "typing", {"secret": "x"})
            await alice.until(lambda reader: "typing" in reader.kinds)
            await told(BOB)
            await bob.until(lambda reader: reader.seqs)
            assert bob.kinds == ["ready", "note"]

    run(story())


def test_with_the_bell_dead_the_poll_brings_everything() -> None:
    async def story() -> None:
        async with (
            hub_running(deaf=True, ticking=False) as hub,
            Reader(stream_of(hub), ALICE) as alice,
            Reader(stream_of(hub), ALICE) as alices_other,
            Reader(stream_of(hub), BOB) as bob,
        ):
            assert running_hub() is None
            for reader in (alice, alices_other, bob):
                await reader.until_ready()
            for total in (1, 2, PAGE * 2 + 10):
                await told(ALICE, total - len(alice.seqs))
                await told(BOB)
                hub.look()
                for reader in (alice, alices_other):
                    await reader.until(partial(has_heard, total))
            assert alice.seqs == alices_other.seqs == list(range(1, PAGE * 2 + 11))
            await bob.until(lambda reader: reader.seqs == [1, 2, 3])

    run(story())


def test_the_hub_looks_by_itself_when_the_bell_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atrium.events.hub.POLL_SECONDS", 0.05)
    monkeypatch.setattr("atrium.events.hub.LOOK_SECONDS", 0.05)
    monkeypatch.setattr("atrium.events.hub.running_hub", lambda: None)

    async def story() -> None:
        async with hub_running(deaf=True) as hub, Reader(stream_of(hub), ALICE) as reader:
            await reader.until_ready()
            await told(ALICE, 3)
            await reader.until(lambda reader: reader.seqs == [1, 2, 3])

    run(story())


def test_two_hubs_hear_each_other_through_the_bell() -> None:
    async def story() -> None:
        async with (
            hub_running() as first,
            hub_running() as second,
            Reader(stream_of(first), ALICE) as here,
            Reader(stream_of(second), ALICE) as there,
        ):
            await here.until_ready()
            await there.until_ready()
            await told(ALICE, 5)
            for reader in (here, there):
                await reader.until(lambda reader: reader.seqs == [1, 2, 3, 4, 5])

    run(story())


def test_twenty_readers_who_come_and_go_miss_nothing_and_hear_nothing_twice() -> None:
    total, tellers = 2_000, 4

    async def read_on(hub: Hub, dice: random.Random) -> list[int]:
        seen: list[int] = []
        last_id: int | None = 0
        while not seen or seen[-1] < total:
            async with Reader(stream_of(hub), ALICE, last_id=last_id) as reader:
                enough = min(total, (last_id or 0) + dice.randint(0, 400))
                await reader.until(partial(has_come_to, enough))
            seen += reader.seqs
            last_id = seen[-1] if seen else 0
        return seen

    async def story() -> None:
        async with hub_running() as hub:
            readers = [
                asyncio.create_task(read_on(hub, random.Random(number))) for number in range(20)
            ]
            await asyncio.gather(*[told(ALICE, total // tellers) for _teller in range(tellers)])
            for seen in await asyncio.gather(*readers):
                assert seen == list(range(1, total + 1))
            assert hub.open_streams == 0

    run(story())


def test_a_lost_hint_is_made_good_by_the_next() -> None:
    async def story() -> None:
        async with hub_running() as hub, Reader(stream_of(hub), ALICE) as reader:
            await reader.until_ready()
            stop_neighbour(hub)
            bell.use(Silence())
            await told(ALICE, 3)
            bell.use(None)
            await told(ALICE, 1)
            await reader.until(lambda reader: reader.seqs == [1, 2, 3, 4])

    try:
        run(story())
    finally:
        bell.use(None)


def stop_neighbour(hub: Hub) -> None:
    """Let the bell alone bring what this process tells."""
    from atrium.events import hub as module  # noqa: PLC0415

    assert module._running is hub
    module._running = None


async def hear_hints_in_any_order() -> None:
    async with (
        hub_running(deaf=True, ticking=False) as hub,
        Reader(stream_of(hub), ALICE) as reader,
    ):
        await reader.until_ready()
        await told(ALICE, 4)
        for _turn in range(2):
            for seq in (3, 1, 3, 4, 2, 1, 4):
                hub.hear("live", {"told": {ALICE: seq}, "kind": "note", "payload": {}})
            await reader.until(lambda reader: len(reader.seqs) >= 4)
        await told(ALICE)
        hub.look()
        await reader.until(lambda reader: reader.seqs[-1] == 5)
        assert reader.seqs == [1, 2, 3, 4, 5]


def test_hints_late_doubled_and_out_of_order_change_nothing() -> None:
    run(hear_hints_in_any_order())


def test_a_hub_that_passes_on_what_comes_as_it_comes_would_be_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def offer(self: OpenStream, seq: int, message: bytes) -> bool:
        self.sent = seq
        self.put(message)
        return True

    monkeypatch.setattr(OpenStream, "offer", offer)
    with pytest.raises(AssertionError):
        run(hear_hints_in_any_order())


def test_a_telling_to_many_reaches_each() -> None:
    names = [f"person:{number}" for number in range(120)]

    async def story() -> None:
        async with hub_running() as hub:
            readers = [Reader(stream_of(hub), name) for name in names]
            for reader in readers:
                await reader.__aenter__()
                await reader.until_ready()
            for text in ("x", "y" * 9_000):  # the second is too long to ride with the hint
                await offload(tell_all, names, "news", {"text": text}, at=clock.now())
            for reader in readers:
                await reader.until(lambda reader: reader.seqs == [1, 2])
                assert reader.messages[-1]["payload"]["text"][0] == "y"
                await reader.__aexit__()

    run(story())


def test_who_asks_after_something_pruned_is_told_to_begin_anew(clock: Clock) -> None:
    async def story() -> None:
        await told(ALICE, 5)
        clock.forward(days=20)
        await told(ALICE, 2)
        await offload(prune, at=clock.now)
        async with hub_running() as hub:
            async with Reader(stream_of(hub), ALICE, after=2) as reader:
                await reader.until_ready()
                assert reader.kinds == ["reset", "ready"]
                assert reader.last_id == 7
                await told(ALICE)
                await reader.until(lambda reader: reader.seqs[-1] == 8)
            async with Reader(stream_of(hub), ALICE, after=5) as reader:
                await reader.until_ready()
                assert reader.seqs == [6, 7, 8]
            await offload(StreamEvent.objects.all().delete)
            async with Reader(stream_of(hub), ALICE, after=5) as reader:
                await reader.until_ready()
                assert reader.kinds == ["reset", "ready"]

    run(story())


def test_who_remembers_a_future_that_never_was_begins_anew() -> None:
    async def story() -> None:
        await told(ALICE, 2)
        async with hub_running() as hub, Reader(stream_of(hub), ALICE, after=900) as reader:
            await reader.until_ready()
            assert (reader.kinds, reader.last_id) == (["reset", "ready"], 2)
            await told(ALICE)
            await reader.until(lambda reader: reader.seqs[-1] == 3)

    run(story())


def test_the_database_away_for_a_moment_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from atrium.events import queries  # noqa: PLC0415

    plain = queries.told_after
    faults = [OSError("away"), OSError("still away")]

    def told_after(places: Any) -> Any:
        if faults:
            raise faults.pop()
        return plain(places)

    monkeypatch.setattr("atrium.events.hub.POLL_SECONDS", 0.05)
    monkeypatch.setattr("atrium.events.hub.LOOK_SECONDS", 0.05)

    async def story() -> None:
        async with (
            hub_running(deaf=True) as hub,
            Reader(stream_of(hub), ALICE, after=0) as reader,
        ):
            monkeypatch.setattr(queries, "told_after", told_after)
            await told(ALICE, 3)
            await reader.until(lambda reader: reader.seqs == [1, 2, 3])
            assert not faults

    run(story())
