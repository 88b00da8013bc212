"""Who may listen, for how long, and what becomes of a reader that does not read."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from atrium.events import open_stream
from atrium.events.actions import whisper
from atrium.events.open_stream import OpenStream
from atrium.events.queries import PAGE
from atrium.kit.limits import LIMITS
from atrium.kit.offload import offload
from atrium.web import drain
from tests.events.listening import Reader, hub_running, stream_of, told, whoever_says

pytestmark = pytest.mark.django_db(transaction=True)

ALICE, BOB = "person:alice", "person:bob"


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def test_a_slow_reader_loses_whispers_and_nothing_that_was_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiting: list[int] = []
    plain_put = OpenStream.put

    def put(self: OpenStream, message: bytes) -> None:
        plain_put(self, message)
        waiting.append(self._waiting_bytes)

    monkeypatch.setattr(OpenStream, "put", put)

    async def story() -> None:
        async with hub_running() as hub, Reader(stream_of(hub), ALICE) as reader:
            await reader.until_ready()
            reader.is_reading.clear()
            for _number in range(100):
                whisper(ALICE, "text", {"text": "x" * 2_000})
            await told(ALICE, PAGE + 50, text="x" * 2_000)
            reader.is_reading.set()
            await reader.until(lambda reader: len(stored(reader)) == PAGE + 50)
            assert stored(reader) == list(range(1, PAGE + 51))
            assert reader.kinds.count("text") < 100

    run(story())
    assert max(waiting) < open_stream.ROOM_BYTES + PAGE * 2_200


def stored(reader: Reader) -> list[int]:
    return [one["seq"] for one in reader.messages if one.get("kind") == "note"]


def test_a_reader_that_never_reads_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atrium.events.hub.STUCK_SECONDS", 0)
    monkeypatch.setattr("atrium.events.hub.LOOK_SECONDS", 0.01)

    async def story() -> None:
        async with hub_running() as hub:
            reader = Reader(stream_of(hub), ALICE)
            await reader.__aenter__()
            await reader.until_ready()
            reader.is_reading.clear()
            whisper(ALICE, "text", {})
            await asyncio.wait_for(reader.task, 30)
            assert hub.open_streams == 0

    run(story())


def test_silence_is_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atrium.events.hub.KEEP_ALIVE_SECONDS", 0)
    monkeypatch.setattr("atrium.events.hub.LOOK_SECONDS", 0.01)

    async def story() -> None:
        async with hub_running() as hub, Reader(stream_of(hub), ALICE) as reader:
            await reader.until_ready()
            sent: list[bytes] = []
            plain = reader._send

            async def send(message: Any) -> None:
                sent.append(message["body"])
                await plain(message)

            (stream,) = hub._streams[ALICE]
            stream._send = send
            await reader.until(lambda _reader: b":\n\n" in sent)

    run(story())


def test_bye_ends_the_streams_of_who_may_no_longer_listen() -> None:
    signed_in = {ALICE}

    async def identify(scope: Any) -> str | None:
        said = await whoever_says(scope)
        return said if said in signed_in else None

    async def story() -> None:
        async with hub_running() as hub:
            app = stream_of(hub)
            app._identify = identify
            async with Reader(app, ALICE) as reader:
                await reader.until_ready()
                await offload(whisper, ALICE, "bye", {})
                await told(ALICE)
                await reader.until(lambda reader: reader.seqs == [1])
                assert not reader.has_ended
                signed_in.clear()
                whisper(ALICE, "bye", {})
                await reader.until(lambda reader: reader.has_ended)
                assert reader.kinds[-1] == "bye"
                await asyncio.wait_for(reader.task, 30)
            assert hub.open_streams == 0
            async with Reader(app, ALICE) as reader:
                await reader.until(lambda reader: reader.has_ended)
                assert reader.status == 204

    run(story())


def test_who_listens_is_asked_again_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atrium.events.hub.RECHECK_SECONDS", 0)
    monkeypatch.setattr("atrium.events.hub.LOOK_SECONDS", 0.01)
    answers: list[str | OSError] = [ALICE, ALICE, OSError("the database is away"), ALICE, BOB]

    async def identify(_scope: Any) -> str | None:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    async def story() -> None:
        async with hub_running() as hub:
            app = stream_of(hub)
            app._identify = identify
            async with Reader(app, ALICE) as reader:
                await reader.until(lambda reader: reader.has_ended)
                assert reader.kinds[-1] == "bye"
        assert answers == []

    run(story())


def test_streams_end_at_once_when_the_process_drains() -> None:
    async def story() -> None:
        async with hub_running() as hub:
            async with Reader(stream_of(hub), ALICE) as reader:
                await reader.until_ready()
                drain.begin()
                await reader.until(lambda reader: reader.has_ended)
                assert 500 <= reader.messages[-1]["retry"] <= 1_500
            async with Reader(stream_of(hub), ALICE) as reader:
                await reader.until(lambda reader: reader.has_ended)
                assert reader.status == 200
                assert 500 <= reader.messages[-1]["retry"] <= 1_500

    try:
        run(story())
    finally:
        drain.reset()


def test_one_caller_holds_so_many_streams_and_no_more() -> None:
    async def story() -> None:
        async with hub_running() as hub:
            readers = [Reader(stream_of(hub), ALICE) for _n in range(LIMITS.streams_per_person)]
            for reader in readers:
                await reader.__aenter__()
                await reader.until_ready()
            refused = Reader(stream_of(hub), ALICE)
            async with refused:
                await refused.until(lambda reader: reader.has_ended)
            assert refused.status == 429
            for reader in readers:
                await reader.__aexit__()
            async with Reader(stream_of(hub), ALICE) as reader:
                await reader.until_ready()

    run(story())
