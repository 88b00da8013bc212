"""The stream over real sockets, and between real processes."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import uvicorn

from atrium.events.actions import tell
from atrium.events.hub import Hub
from atrium.events.stream import EventStream
from atrium.kit import clock
from atrium.kit.offload import offload
from tests.events.conftest import StartProcess
from tests.events.listening import PATIENCE, hub_running, parse, whoever_says

ALICE = "person:alice"


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, 120))


class Served:
    """A hub behind uvicorn, and an HTTP client that knocks at it."""

    def __init__(self, hub: Hub, client: aiohttp.ClientSession, address: str) -> None:
        self.hub, self.client, self.address = hub, client, address

    def get(self, path: str, *, method: str = "GET", **headers: str) -> Any:
        sent = {"cookie": ALICE} | {name.replace("_", "-"): text for name, text in headers.items()}
        return self.client.request(method, self.address + path, headers=sent)


@asynccontextmanager
async def served() -> AsyncIterator[Served]:
    async with hub_running() as hub, aiohttp.ClientSession() as client:
        config = uvicorn.Config(
            EventStream(whoever_says, hub), port=0, lifespan="off", log_config=None, ws="none"
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve())  # ``serve`` would take the test's signals
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield Served(hub, client, f"http://127.0.0.1:{port}")
        finally:
            server.should_exit = True
            hub._drain()
            await asyncio.wait_for(serving, PATIENCE)


async def next_message(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    """Return the next message of a stream that is more than a comment."""
    while True:
        block = await asyncio.wait_for(answer.content.readuntil(b"\n\n"), PATIENCE)
        if found := parse(block.decode().strip()):
            return found


@pytest.mark.django_db(transaction=True)
def test_a_stream_over_a_real_socket_and_back_after_a_break() -> None:
    async def story() -> None:
        async with served() as house:
            async with house.get("/live?after=0") as answer:
                assert answer.status == 200
                assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
                assert answer.headers["cache-control"] == "no-store"
                assert answer.headers["x-accel-buffering"] == "no"
                assert (await next_message(answer))["kind"] == "ready"
                await offload(tell, ALICE, "note", {"n": 1}, at=clock.now())
                assert await next_message(answer) == {
                    "id": 1,
                    "seq": 1,
                    "kind": "note",
                    "payload": {"n": 1},
                }
            while house.hub.open_streams:
                await asyncio.sleep(0.01)
            await offload(tell, ALICE, "note", {"n": 2}, at=clock.now())
            async with house.get("/live?after=0", last_event_id="1") as answer:
                assert (await next_message(answer))["payload"] == {"n": 2}
                assert (await next_message(answer))["kind"] == "ready"

    run(story())


@pytest.mark.django_db(transaction=True)
def test_a_poll_gets_what_the_stream_would_have_brought() -> None:
    async def story() -> None:
        async with served() as house:
            async with house.get("/live/since") as answer:
                assert await answer.json() == {
                    "events": [],
                    "last": 0,
                    "reset": False,
                    "more": False,
                }
            await offload(tell, ALICE, "note", {"n": "ä"}, at=clock.now())
            async with house.get("/live/since?after=0") as answer:
                found = await answer.json()
                assert found["events"] == [{"seq": 1, "kind": "note", "payload": {"n": "ä"}}]
                assert found["last"] == 1
            async with house.get("/live/since?after=99") as answer:
                assert (await answer.json())["reset"] is True

    run(story())


@pytest.mark.django_db(transaction=True)
def test_what_is_asked_wrongly_is_refused_and_nobody_is_sent_away_for_good() -> None:
    async def story() -> None:
        async with served() as house:
            for path in ("/live", "/live/since"):
                async with house.client.get(house.address + path) as answer:
                    assert answer.status == 204
                async with house.get(path, method="POST") as answer:
                    assert answer.status == 405
                async with house.get(path, sec_fetch_site="cross-site") as answer:
                    assert answer.status == 403
                for wrong in ("-1", "x", "1e3", "²", "9" * 40, str(2**63), "1;drop"):
                    async with house.get(f"{path}?after={wrong}") as answer:
                        assert answer.status == 400
                        assert json.loads(await answer.read())["code"] == "bad_place"
            async with house.get("/live/else") as answer:
                assert answer.status == 404

    run(story())


@pytest.mark.django_db(transaction=True)
def test_what_another_process_tells_and_whispers_arrives(start_process: StartProcess) -> None:
    async def story() -> None:
        async with served() as house, house.get("/live") as answer:
            assert (await next_message(answer))["kind"] == "ready"
            teller = start_process("teller_process.py", "tell", ALICE, 3)
            seqs = [(await next_message(answer))["seq"] for _number in range(3)]
            assert seqs == [1, 2, 3]
            whisperer = start_process("teller_process.py", "whisper", ALICE, 50)  # some may be lost
            message = await next_message(answer)
            assert message.keys() == {"kind", "payload"}
            assert message["payload"].keys() == {"number"}
            for process in (teller, whisperer):
                os.kill(process.pid, signal.SIGTERM)

    run(story())


@pytest.mark.django_db(transaction=True)
def test_open_streams_do_not_keep_a_server_that_is_told_to_go() -> None:
    async def story() -> None:
        async with served() as house:
            answers = [await house.get("/live") for _number in range(10)]
            for answer in answers:
                assert (await next_message(answer))["kind"] == "ready"
            house.hub._drain()
            for answer in answers:
                assert 500 <= (await next_message(answer))["retry"] <= 1_500
                assert await answer.read() == b""

    run(story())
