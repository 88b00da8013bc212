import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from atrium.events import murmur
from atrium.events.actions import whisper
from atrium.events.hub import EVERYONE, ORIGIN
from atrium.kit import bell
from atrium.kit.carriers.protocol import PassOn, Stop
from atrium.kit.limits import LIMITS
from tests.events.listening import Reader, hub_running, stream_of

ALICE = "person:alice"


class Notebook:
    """A carrier that writes down what rings, and carries nothing."""

    def __init__(self) -> None:
        self.rings: list[dict[str, Any]] = []

    def send(self, topic: str, text: str) -> None:
        assert topic == murmur.TOPIC
        assert text, "too long to be carried"
        self.rings.append(json.loads(text))

    def listen(
        self, topics: frozenset[str], pass_on: PassOn, connected: Callable[[], None], stop: Stop
    ) -> None:
        connected()
        while not stop.is_set():
            stop.wait(60)

    def close(self) -> None:
        pass

    @property
    def said(self) -> list[tuple[str, str, dict[str, Any]]]:
        return [tuple(one) for ring in self.rings for one in ring["whispers"]]


@pytest.fixture
def notebook() -> Iterator[Notebook]:
    carrier = Notebook()
    bell.use(carrier)
    yield carrier
    bell.use(None)


@pytest.mark.django_db(transaction=True)
def test_a_whisper_is_not_stored_and_rings_at_once(notebook: Notebook) -> None:
    whisper(ALICE, "typing", {"n": 1})
    assert notebook.rings == [{"origin": ORIGIN, "whispers": [[ALICE, "typing", {"n": 1}]]}]


@pytest.mark.django_db(transaction=True)
def test_a_whisper_within_a_change_is_said_when_it_has_happened(notebook: Notebook) -> None:
    async def story() -> None:
        async with hub_running() as hub, Reader(stream_of(hub), ALICE) as reader:
            await reader.until_ready()
            await asyncio.to_thread(in_a_change)
            await reader.until(lambda reader: "happened" in reader.kinds)
            assert reader.kinds == ["ready", "happened"]

    def in_a_change() -> None:
        try:
            for kind, is_off in (("called off", True), ("happened", False)):
                with transaction.atomic():
                    whisper(ALICE, kind, {})
                    assert all(one[1] != kind for one in notebook.said)
                    transaction.set_rollback(is_off)
        finally:
            transaction.get_connection().close()

    asyncio.run(story())
    assert [kind for _audience, kind, _payload in notebook.said] == ["happened"]


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_the_loop_s_whispers_are_heard_here_at_once_and_ring_together(notebook: Notebook) -> None:
    texts = [f"{number} " + "ж€" * (number % 50) for number in range(1_000)]

    async def story() -> None:
        async with hub_running() as hub, Reader(stream_of(hub), ALICE) as reader:
            await reader.until_ready()
            for text in texts:
                whisper(ALICE, "text", {"text": text})
                await asyncio.sleep(0)
            await reader.until(lambda reader: reader.kinds.count("text") == len(texts))
            while len(notebook.said) < len(texts):
                await asyncio.sleep(0.01)
            heard = [one["payload"]["text"] for one in reader.messages if one["kind"] == "text"]
            assert heard == texts

    asyncio.run(story())
    assert [payload["text"] for _audience, _kind, payload in notebook.said] == texts
    assert len(notebook.rings) < len(texts) / 5
    assert max(len(json.dumps(ring).encode()) for ring in notebook.rings) > LIMITS.bell_bytes / 3


@pytest.mark.once
def test_a_loop_that_ended_in_the_middle_does_not_silence_the_next(notebook: Notebook) -> None:
    async def whisper_and_go() -> None:
        whisper(ALICE, "text", {"loop": 1})

    async def whisper_and_stay() -> None:
        whisper(ALICE, "text", {"loop": 2})
        while not notebook.rings:
            await asyncio.sleep(0.01)

    asyncio.run(whisper_and_go())
    asyncio.run(whisper_and_stay())
    assert notebook.said == [(ALICE, "text", {"loop": 2})]


@pytest.mark.django_db(transaction=True)
def test_what_this_process_said_is_not_heard_again_when_the_bell_brings_it() -> None:
    async def story() -> None:
        async with hub_running() as hub, Reader(stream_of(hub), ALICE) as reader:
            await reader.until_ready()
            message: dict[str, Any] = {"whispers": [(ALICE, "text", {})]}
            hub.hear(murmur.TOPIC, {**message, "origin": ORIGIN})
            hub.hear(murmur.TOPIC, {**message, "origin": "another"})
            whisper(ALICE, "last", {})
            await reader.until(lambda reader: "last" in reader.kinds)
            assert reader.kinds == ["ready", "text", "last"]

    asyncio.run(story())


@pytest.mark.django_db(transaction=True)
def test_what_is_whispered_to_everyone_is_heard_on_every_stream() -> None:
    async def story() -> None:
        async with (
            hub_running() as hub,
            Reader(stream_of(hub), ALICE) as alice,
            Reader(stream_of(hub), "guest:bob") as bob,
        ):
            await alice.until_ready()
            await bob.until_ready()
            whisper(EVERYONE, "news", {})
            for reader in (alice, bob):
                await reader.until(lambda reader: "news" in reader.kinds)
                assert reader.kinds == ["ready", "news"]

    asyncio.run(story())
