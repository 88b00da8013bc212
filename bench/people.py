"""What a signed-in person's requests cost, beside bare Django views that read the same rows.

One process of each, both on one core and behind the same server, are asked in turns from another
core; the middle of the rounds counts. ``python -m bench.people`` on SQLite and on PostgreSQL.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import psutil  # type: ignore[import-untyped]

from bench.both import asking_from_other_cores, measured_on_both
from bench.kills import ROOT, House, free_port, until

LEAST = 0.5
LINES = 8
PEOPLE = 60  # each is allowed so many calls a minute
WHAT = {
    "a signed-in JSON read": ("/api/v1/me", "/me"),
    "a signed-in page": ("/settings", "/settings"),
}
_networks = count()


class OneCore(House):
    """The house's web process, alone on one core."""

    def __init__(self, folder: Path, database_url: str, core: int) -> None:
        super().__init__(folder, database_url)
        self.environment |= {
            "ATRIUM_WORKER": "none",
            "ATRIUM_MODE": "production",
            "ATRIUM_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "ATRIUM_SECRET_KEY": "only for measuring and for nothing else at all",
            # So that each line can come from a network of its own: those are counted too.
            "ATRIUM_TRUSTED_PROXIES": "1",
        }
        self.core = core

    def start(self, until_answers: str = "/readyz") -> None:
        with on_core(self.core):
            super().start(until_answers)


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Have what is started here run on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Line:
    """One connection that stays open, on which one person asks for one thing again and again."""

    def __init__(self, port: int, path: str, session: str) -> None:
        self.port = port
        number = next(_networks)
        self.request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: session={session}\r\n"
            f"X-Forwarded-For: 10.{number // 256 % 256}.{number % 256}.1\r\n\r\n"
        ).encode()

    async def ask_until(self, end: float) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        answered = 0
        while time.perf_counter() < end:
            writer.write(self.request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert head.startswith(b"http/1.1 200"), head.decode()
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
            answered += 1
        writer.close()
        return answered


async def asked(port: int, path: str, sessions: list[str], seconds: float) -> float:
    """Return how many were answered in a second."""
    began = time.perf_counter()
    lines = [Line(port, path, session) for session in sessions]
    answered = sum(await asyncio.gather(*(line.ask_until(began + seconds) for line in lines)))
    return answered / (time.perf_counter() - began)


def measured(house: OneCore, bare: int, sessions: list[str], args: Any) -> bool:
    good = True
    turn = iter(sessions * 1000)
    for what, (ours, theirs) in WHAT.items():
        found: dict[str, list[float]] = {"ours": [], "theirs": []}
        for number in range(args.rounds + 1):
            for name, port, path in (("ours", house.port, ours), ("theirs", bare, theirs)):
                some = [next(turn) for _line in range(LINES)]
                pace = asyncio.run(asked(port, path, some, args.seconds))
                if number:  # the first round warms up
                    found[name].append(pace)
        ratio = median(a / b for a, b in zip(found["ours"], found["theirs"], strict=True))
        mine, bares = median(found["ours"]), median(found["theirs"])
        print(
            f"{what:<28}{mine:>9.0f} /s   bare view {bares:>7.0f} /s"
            f"   ratio {ratio:>5.2f}   wanted ≥ {LEAST}   {'ok' if ratio >= LEAST else 'MISSED'}",
            flush=True,
        )
        good = good and ratio >= LEAST
    return good


@contextmanager
def bare_served(house: OneCore) -> Iterator[int]:
    port = free_port()
    with on_core(house.core):
        server = psutil.Popen(
            [sys.executable, "-m", "bench.people_bare", str(port)], cwd=ROOT, env=house.environment
        )
    try:
        until(lambda: _listens(port), "the bare views do not stand")
        yield port
    finally:
        server.terminate()
        server.wait()


def _listens(port: int) -> bool:
    return any(
        one.laddr.port == port and one.status == psutil.CONN_LISTEN
        for one in psutil.net_connections("tcp")
    )


def on(engine: str, url: str, args: Any) -> bool:
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        house = OneCore(Path(folder), url, cores[0])
        prepared = house.atrium("prepare")
        assert prepared.returncode == 0, prepared.stderr + prepared.stdout
        made = house.python("bench.people_made", str(PEOPLE))
        assert made.returncode == 0, made.stderr
        sessions = json.loads(made.stdout.splitlines()[-1])
        house.start()
        try:
            with bare_served(house) as bare, asking_from_other_cores(cores):
                print(f"on {engine}", flush=True)
                return measured(house, bare, sessions, args)
        finally:
            house.stop()


if __name__ == "__main__":
    sys.exit(measured_on_both(on, __doc__))
