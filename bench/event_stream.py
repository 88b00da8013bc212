"""The event streams of a really served house, beside a bare echo from memory in the same run.

Readers who come and go miss nothing; with the bell dead everything still comes; idle streams cost
little; a telling is on the screen about as soon as an echo; SIGTERM is not held up by open streams.
"""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
import psutil  # type: ignore[import-untyped]

from bench.events_reader import Line
from bench.kills import ROOT, House, free_port
from tests.house.servers import postgres

AUDIENCES = 10  # one caller holds at most twenty streams
TELLERS = 4
ECHO_TIMES = 5  # how much slower than an echo a telling may be at the 95th percentile
wrong: list[str] = []


class Stage:
    """A served house, some guests in it, and the processes that tell them things."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.house = House(folder, database_url)
        self.house.environment["ATRIUM_WORKER"] = "none"
        prepared = self.house.atrium("prepare")
        assert prepared.returncode == 0, prepared.stderr + prepared.stdout
        self.house.start()
        self.port = self.house.port
        made = self.told(guests=AUDIENCES)
        self.cookies = {audience: f"guest={token}" for audience, token in made}

    def teller(self, **plan: Any) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "bench.events_teller", json.dumps(plan)],
            cwd=ROOT,
            env=self.house.environment,
            stdout=subprocess.PIPE,
            text=True,
        )

    def told(self, **plan: Any) -> list[Any]:
        """Tell, and return what the teller noted."""
        return notes_of(self.teller(**plan))

    def line(self, audience: str, last_id: int | None = None) -> Line:
        return Line(self.port, cookie=self.cookies[audience], last_id=last_id)


def notes_of(teller: "subprocess.Popen[str]") -> list[Any]:
    written, _ = teller.communicate()
    assert teller.returncode == 0
    return [json.loads(line) for line in written.splitlines() if line.startswith("[")]


def say(what: str, found: str, *, wanted: str, holds: bool) -> None:
    print(f"{what:<58} {found:>26}   {wanted:<28} {'ok' if holds else 'MISSED'}", flush=True)
    if not holds:
        wrong.append(what)


def share(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


# Nothing missed, nothing doubled


async def readers_who_come_and_go(stage: Stage, *, events: int, readers: int) -> None:
    each = events // AUDIENCES
    names = list(stage.cookies)
    starts = {name: await standing(stage, name) for name in names}
    tellers = [stage.teller(audiences=names[part::TELLERS], count=each) for part in range(TELLERS)]
    began, visits = time.monotonic(), [0]

    async def read_on(audience: str, dice: random.Random) -> list[int]:
        seen: list[int] = []
        last = first = starts[audience]
        while last < first + each:
            visits[0] += 1
            stay = dice.choice((1, 30, 300, 3_000))
            async with stage.line(audience, last) as line:
                while stay and last < first + each:
                    message, _came = await line.message()
                    if message["kind"] == "bench":
                        last = message["seq"]
                        seen.append(last)
                        stay -= 1
        return seen

    found = await asyncio.gather(
        *[read_on(names[number % AUDIENCES], random.Random(number)) for number in range(readers)]
    )
    took = time.monotonic() - began
    for teller in tellers:
        await asyncio.to_thread(notes_of, teller)
    whole = sum(
        seen == list(range(starts[name] + 1, starts[name] + 1 + each))
        for seen, name in zip(found, names * readers, strict=False)
    )
    say(
        f"{readers} readers, {visits[0]:,} visits, {events:,} events, {took:.0f} s",
        f"{whole} heard all, once, in order",
        wanted=f"all {readers}",
        holds=whole == readers,
    )


async def standing(stage: Stage, audience: str) -> int:
    async with stage.line(audience) as line:
        return await line.until_ready()


# How soon


async def arrivals(stage: Stage, *, count: int, pause: float, silent: bool) -> list[Any]:
    """Tell each audience ``count`` times; return (began, committed, came) for each arrival."""
    came: dict[tuple[str, int], float] = {}
    async with AsyncExitStack() as stack:
        lines = {name: await stack.enter_async_context(stage.line(name)) for name in stage.cookies}
        for line in lines.values():
            await line.until_ready()

        async def listen(audience: str) -> None:
            heard = 0
            while heard < count:
                message, moment = await lines[audience].message()
                if message["kind"] == "bench":
                    came[audience, message["seq"]] = moment
                    heard += 1

        teller = stage.teller(audiences=list(lines), count=count, pause=pause, silent=silent)
        await asyncio.gather(*map(listen, lines))
        noted = await asyncio.to_thread(notes_of, teller)
    return [(began, done, came[name, seq]) for name, seq, began, done in noted]


async def with_the_bell_dead(stage: Stage, *, count: int) -> None:
    found = await arrivals(stage, count=count, pause=0.04, silent=True)
    waits = [came - done for _began, done, came in found]
    say(
        f"bell dead: {len(found)} tellings, commit → arrival",
        f"p50 {median(waits):.2f} s, most {max(waits):.2f} s",
        wanted="all within 5 s",
        holds=max(waits) <= 5,
    )


async def beside_an_echo(stage: Stage, *, count: int, rounds: int) -> None:
    """Take turns, so that a slow moment of the machine is everybody's; the middle round counts."""
    rounds_of: dict[str, list[list[float]]] = {"echo": [], "stored": [], "seen": []}
    with echo_served() as port:
        for _round in range(rounds):
            rounds_of["echo"].append(await echo_waits(port, count=count * AUDIENCES))
            found = await arrivals(stage, count=count, pause=0.01, silent=False)
            rounds_of["stored"].append([done - began for began, done, _came in found])
            rounds_of["seen"].append([came - done for _began, done, came in found])
    middle = {
        name: [median(share(waits, part) * 1000 for waits in waits_of) for part in (0.5, 0.95)]
        for name, waits_of in rounds_of.items()
    }
    times = middle["seen"][1] / middle["echo"][1]
    for name, what in {
        "echo": "an echo from memory, POST → arrival",
        "stored": "tell() in another process → commit",
        "seen": "commit there → arrival here",
    }.items():
        p50, p95 = middle[name]
        say(
            what,
            f"p50 {p50:.1f} ms, p95 {p95:.1f} ms",
            wanted=f"p95 ≤ {ECHO_TIMES} echoes ({times:.1f})" if name == "seen" else "",
            holds=name != "seen" or times <= ECHO_TIMES,
        )


@contextmanager
def echo_served() -> Iterator[int]:
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "bench.events_echo", str(port)], cwd=ROOT)
    try:
        yield port
    finally:
        server.terminate()
        server.wait()


async def echo_waits(port: int, *, count: int) -> list[float]:
    for _turn in range(200):
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            break
    waits = []
    async with Line(port) as line, aiohttp.ClientSession() as client:
        await line.until_ready()
        for number in range(count):
            await asyncio.sleep(0.01)
            body = json.dumps({"kind": "bench", "number": number, "text": "x" * 80})
            began = time.monotonic()
            posting = asyncio.create_task(post(client, port, body))
            _message, came = await line.message()
            waits.append(came - began)
            await posting
    return waits


async def post(client: aiohttp.ClientSession, port: int, body: str) -> None:
    async with client.post(f"http://127.0.0.1:{port}/echo", data=body) as answer:
        await answer.read()


# What many cost, and how they end


async def many_idle(stage: Stage, *, streams: int) -> None:
    made = await asyncio.to_thread(stage.told, guests=streams // AUDIENCES)
    cookies = [f"guest={token}" for _audience, token in made] * AUDIENCES
    web = stage.house.web
    assert web is not None
    before = resident(web)
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        for first in range(0, streams, 50):
            lines = [Line(stage.port, cookie=cookie) for cookie in cookies[first : first + 50]]
            await asyncio.gather(*[stack.enter_async_context(line) for line in lines])
            await asyncio.gather(*[line.until_ready() for line in lines])
        opened = time.monotonic() - began
        await asyncio.sleep(2)
        after = resident(web)
        say(
            f"{streams:,} idle streams, opened in {opened:.1f} s",
            f"{after:.0f} MB (from {before:.0f})",
            wanted="under 250 MB",
            holds=after < 250,
        )
        busy = cpu_share(web, 10)
        say("… and what they cost while idle", f"{busy:.1f} % of a core", wanted="", holds=True)
        waits = []
        for _turn in range(50):
            moment = time.monotonic()
            await asyncio.to_thread(stage.house.ask, "GET", "/healthz")
            waits.append((time.monotonic() - moment) * 1000)
        say(
            "… and GET /healthz beside them",
            f"p95 {share(waits, 0.95):.1f} ms",
            wanted="",
            holds=True,
        )
        await told_to_go(stage, streams)


async def told_to_go(stage: Stage, streams: int) -> None:
    web = stage.house.web
    assert web is not None
    began = time.monotonic()
    web.terminate()
    status = await asyncio.to_thread(web.wait, 60)
    took = time.monotonic() - began
    say(
        f"SIGTERM with {streams:,} open streams, exit {status}",
        f"{took:.2f} s",
        wanted="within 6 s",
        holds=took <= 6,
    )


def resident(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6


def cpu_share(process: psutil.Process, seconds: float) -> float:
    process.cpu_percent()
    time.sleep(seconds)
    return float(process.cpu_percent())


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--events", type=int, default=100_000)
    asked.add_argument("--readers", type=int, default=100)
    asked.add_argument("--streams", type=int, default=2_000)
    asked.add_argument("--engines", nargs="+", default=["sqlite", "postgres"])
    asked.add_argument("--parts", nargs="+", default=["echo", "readers", "dead", "idle"])
    said = asked.parse_args()
    parts: dict[str, Callable[[Stage], Coroutine[Any, Any, None]]] = {
        "echo": lambda stage: beside_an_echo(stage, count=50, rounds=3),
        "readers": lambda stage: readers_who_come_and_go(
            stage, events=said.events, readers=said.readers
        ),
        "dead": lambda stage: with_the_bell_dead(stage, count=40),
        "idle": lambda stage: many_idle(stage, streams=said.streams),  # last: it ends the house
    }
    for engine in said.engines:
        print(f"— {engine}", flush=True)
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="atr-")))
            folder.chmod(0o711)
            url = ""
            if engine == "postgres":
                url = stack.enter_context(postgres(folder / "p", durable=True))
                url = url.replace("/atrium?", "/postgres?").replace("pool=off", "pool=on")
            stage = Stage(folder, url)
            stack.callback(stage.house.stop)
            for name in said.parts:
                asyncio.run(parts[name](stage))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
