"""What one delivery of a gateway costs, beside a bare Django view that inserts one row.

Ours verifies the signature over the raw bytes, keeps the row without what is private in it, once
for each event, and sees to it that a job is on its way. Both stand on one core behind the same
server and are knocked at in turns from another core; the middle of the rounds counts. No worker
runs. ``python -m bench.webhook`` on SQLite and on PostgreSQL.
"""

import asyncio
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
from bench.kills import ROOT, free_port, until
from bench.people import OneCore, on_core
from bench.webhook_gateway import HEADER, SLUG, delivery, signature

LEAST = 0.5
LINES = 8
_numbers = count(1)


class Visited(OneCore):
    """The house's web process on one core, with the gateway that only signs."""

    def start(self, until_answers: str = "/readyz") -> None:
        with on_core(self.core):
            self.web = psutil.Popen(
                [sys.executable, "-m", "bench.webhook_gateway", "serve"],
                cwd=ROOT,
                env=self.environment,
                stdout=self.log,
                stderr=self.log,
            )
            until(lambda: self._answers(until_answers), "the house does not stand")


async def knock_until(port: int, end: float) -> int:
    """Deliver one event after the other on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answered = 0
    while time.perf_counter() < end:
        raw = delivery(next(_numbers), "ab" * 16)
        writer.write(
            f"POST /webhooks/{SLUG} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\n"
            f"{HEADER}: {signature(raw)}\r\n\r\n".encode()
            + raw
        )
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200"), head.decode()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
        answered += 1
    writer.close()
    return answered


async def knocked(port: int, seconds: float) -> float:
    """Return how many were answered in a second."""
    began = time.perf_counter()
    lines = (knock_until(port, began + seconds) for _line in range(LINES))
    answered = sum(await asyncio.gather(*lines))
    return answered / (time.perf_counter() - began)


def measured(house: Visited, bare: int, args: Any) -> bool:
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(args.rounds + 1):
        for found, port in ((ours, house.port), (theirs, bare)):
            pace = asyncio.run(knocked(port, args.seconds))
            if number:  # the first round warms up
                found.append(pace)
    ratio = median(a / b for a, b in zip(ours, theirs, strict=True))
    print(
        f"a webhook's delivery{median(ours):>10.0f} /s   bare insert {median(theirs):>7.0f} /s"
        f"   ratio {ratio:>5.2f}   wanted ≥ {LEAST}   {'ok' if ratio >= LEAST else 'MISSED'}",
        flush=True,
    )
    return ratio >= LEAST


@contextmanager
def bare_served(house: Visited) -> Iterator[int]:
    port = free_port()
    with on_core(house.core):
        server = psutil.Popen(
            [sys.executable, "-m", "bench.webhook_bare", str(port)],
            cwd=ROOT,
            env=house.environment,
        )
    try:
        until(lambda: _listens(port), "the bare view does not stand")
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
        house = Visited(Path(folder), url, cores[0])
        prepared = house.atrium("prepare")
        assert prepared.returncode == 0, prepared.stderr + prepared.stdout
        house.start()
        try:
            with bare_served(house) as bare, asking_from_other_cores(cores):
                print(f"on {engine}", flush=True)
                return measured(house, bare, args)
        finally:
            house.stop()


if __name__ == "__main__":
    sys.exit(measured_on_both(on, __doc__))
