"""Kill the web process with -9 in the middle of answers: chats, streams and calls under ``/v1``.

A worker beside it sweeps. Then what was charged is held against the engine's journal.
``python -m bench.kills_streams 500`` runs it long, ``--on sqlite`` on that.
"""

import argparse
import contextlib
import http.client
import json
import random
import re
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import psutil  # type: ignore[import-untyped]

from bench.journal import GAP, MODEL, PROMPT_TOKENS, Entry, Journal, journal, written
from bench.kills import PATIENCE, ROOT, House, Program, Report, until
from tests.house.servers import postgres

LEASE = 15
"""Longer than a busy machine keeps a living process from writing down what it delivered."""

LONGEST, SHORTEST = 80, 2  # pieces of an answer
UNBILLED = 1.0
"""Of how many seconds the text may go unbilled."""

A_SECOND = round(UNBILLED / GAP)
"""How many pieces are written in that time, if the machine keeps the engine waiting for nothing."""

LATE = 0.5
"""How late a piece may be here, or its saving, on a machine that is busy starting a house."""

_PIECE = re.compile(rb'"content": ?"\d{3} "')
_numbers = count(1)


@dataclass(eq=False)
class Attempt:
    """One call of a program, and how much of its answer it read."""

    mark: str
    key: str
    began: float
    ended: float = 0.0
    pieces: int = 0
    is_whole: bool = False
    is_read_whole_way: bool = False
    """Whether what was written to the caller has been read up to the end or the break."""


class Caller(Program):
    """Asks for answers of some length, one after the other, and notes what it read of each."""

    kind = "call"

    def __init__(self, house: House, told: dict[str, str], report: Report) -> None:
        super().__init__(house, told["key"], report)
        self.key, self.attempts = told["key_id"], list[Attempt]()
        self.chance = random.Random(told["key_id"])

    def run(self) -> None:
        while not self.enough.wait(0.05):
            number = next(_numbers)
            pieces = self.chance.randint(SHORTEST, LONGEST)
            attempt = Attempt(f"{self.kind}-{number}", self.key, time.time())
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                self.ask_for(attempt, f"{attempt.mark} x{pieces}")
            attempt.ended = time.time()
            self.attempts.append(attempt)
            if attempt.is_whole:
                self.report.acknowledged += 1
            elif attempt.pieces:
                self.report.cut_off += 1

    def ask_for(self, attempt: Attempt, mark: str) -> None:
        """Have a whole answer under ``/v1``."""
        with self.sent(mark, stream=False) as answer:
            if answer.status == 200:
                said = json.loads(answer.read())["choices"][0]["message"]["content"]
                attempt.pieces, attempt.is_whole = len(said) // 4, True

    @contextlib.contextmanager
    def sent(self, mark: str, *, stream: bool) -> Iterator[http.client.HTTPResponse]:
        body = {
            "model": MODEL,
            "messages": [{"role": "user", "content": mark}],
            "max_tokens": LONGEST,
            "stream": stream,
        }
        line = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with contextlib.closing(line):
            line.request("POST", "/v1/chat/completions", json.dumps(body), headers)
            with line.getresponse() as answer:
                if answer.status >= 500 and answer.status != 503:
                    self.report.wrong.append(f"{mark}: a {answer.status} was answered")
                yield answer


class Streamer(Caller):
    kind = "stream"

    def ask_for(self, attempt: Attempt, mark: str) -> None:
        heard = b""
        with (
            self.sent(mark, stream=True) as answer,
            contextlib.suppress(OSError, http.client.HTTPException),
        ):
            while piece := answer.read1(65536):
                heard += piece
        attempt.pieces, attempt.is_read_whole_way = len(_PIECE.findall(heard)), True
        attempt.is_whole = b"[DONE]" in heard


class Chatter(Caller):
    kind = "chat"

    def ask_for(self, attempt: Attempt, mark: str) -> None:
        body = json.dumps({"text": mark, "model": MODEL}).encode()
        status, asked = self.house.ask(
            "POST", "/api/v1/chats", body, self.token, "application/json"
        )
        if not self.noted(status) or status != 202:
            self.enough.wait(0.5)
            return
        where = f"/api/v1/chats/turns/{asked['answer']['id']}"
        while not self.enough.wait(0.2):
            status, turn = self.house.ask("GET", where, token=self.token)
            if status == 200:
                attempt.pieces = len(turn["text"]) // 4
                if turn["state"] != "writing":
                    attempt.is_whole = turn["state"] == "done"
                    return


KINDS: list[type[Caller]] = [Chatter, Chatter, Chatter, Streamer, Streamer, Streamer, Caller]


@dataclass
class StreamsReport(Report):
    """``unbilled`` is the longest text, in seconds, that the engine wrote and nobody paid for;
    ``lost`` has the longest of each kill, in pieces."""

    unbilled: float = 0.0
    lost: list[int] = field(default_factory=list)


def run(
    kills: int,
    *,
    seed: int = 1,
    database_url: str = "",
    folder: Path,
    seconds: float = float("inf"),
) -> StreamsReport:
    """Kill ``kills`` times, or as often as fits into so many seconds; then let the house recover,
    and report what does not agree."""
    over = time.monotonic() + seconds
    report, house = StreamsReport(), House(folder, database_url)
    house.environment |= {"ATRIUM_JOB_LEASE_SECONDS": str(LEASE), "ATRIUM_WORKER": "none"}
    with journal() as engine, ExitStack() as stack:
        callers = _prepared(house, engine)
        programs = [kind(house, told, report) for kind, told in zip(KINDS, callers, strict=True)]
        killed: list[float] = []
        try:
            house.start()
            stack.enter_context(_worker(house))
            for program in programs:
                program.start()
            chance = random.Random(seed)
            while len(killed) < kills and time.monotonic() < over:
                _kill(house, chance, report, killed)
            for program in programs:
                program.enough.set()
            for program in programs:
                program.join(PATIENCE)
            with contextlib.suppress(AssertionError):  # said below, with what it is
                until(lambda: _looked(house, "unfinished") == [], "something does not end")
            report.wrong += _looked(house, "unfinished") + _looked(house, "left")
            report.wrong += _looked(house, "wrong", module="bench.look_over_money")
            _judge(report, _looked(house, "receipts"), engine, programs, killed)
        finally:
            for program in programs:
                program.enough.set()
            house.stop()
    return report


def _prepared(house: House, engine: Journal) -> list[dict[str, str]]:
    prepared = house.atrium("prepare")
    assert prepared.returncode == 0, prepared.stderr
    made = house.python("bench.callers_made", str(len(KINDS)), engine.url, MODEL)
    assert made.returncode == 0, made.stderr
    told: list[dict[str, str]] = json.loads(made.stdout.splitlines()[-1])
    return told


@contextlib.contextmanager
def _worker(house: House) -> Iterator[None]:
    """Run the worker apart from what is killed, as where several web processes serve."""
    command = [sys.executable, "-m", "atrium", "worker"]
    worker = psutil.Popen(
        command, cwd=ROOT, env=house.environment, stdout=house.log, stderr=house.log
    )
    try:
        yield
        assert worker.poll() is None, "the worker ended by itself"
    finally:
        worker.terminate()
        worker.wait(PATIENCE)


def _kill(house: House, chance: random.Random, report: Report, killed: list[float]) -> None:
    """Kill it at any moment of the answers, which last for some seconds, and bring it back."""
    threading.Event().wait(chance.uniform(0.1, LONGEST * GAP))
    killed.append(time.time())
    house.kill("web")
    report.kills["web"] += 1
    house.start("/healthz")
    if len(killed) % 25 == 0:
        done = f"{report.acknowledged} whole, {report.cut_off} cut off"
        print(f"{len(killed)} kills, {done}", flush=True)


def _looked(house: House, what: str, *, module: str = "bench.look_over_calls") -> list[Any]:
    looked = house.python(module, what)
    if looked.returncode:
        return [looked.stderr[-1000:]]
    said: list[Any] = json.loads(looked.stdout)
    return said


def _judge(
    report: StreamsReport,
    receipts: list[Any],
    engine: Journal,
    programs: list[Caller],
    killed: list[float],
) -> None:
    attempts = [attempt for program in programs for attempt in program.attempts]
    charged, unbilled, asked = 0, list[Unbilled](), set(engine.entries)
    for receipt in receipts:
        if not isinstance(receipt, dict):
            report.wrong.append(str(receipt))
            continue
        attempt = _attempt_of(receipt, attempts)
        entries = engine.of(attempt.mark) if attempt else []
        if attempt is None or len(entries) > 1:
            report.wrong.append(f"whose is {receipt}, and was it asked once?")
            continue
        asked.discard(attempt.mark)
        entry = entries[0] if entries else Entry(attempt.mark, 0, is_stream=True)
        report.wrong += [f"{attempt.mark}: {what}" for what in wrong_with(receipt, entry, attempt)]
        charged += receipt["charged"] > 0
        if found := unbilled_of(receipt, entry, killed):
            unbilled.append(found)
    report.wrong += [f"{mark}: answered without a receipt" for mark in sorted(asked)]
    report.unbilled = max((one.seconds for one in unbilled), default=0.0)
    report.lost = [
        max((one.pieces for one in unbilled if one.kill == kill), default=0) for kill in killed
    ]
    report.counted = [
        f"{charged} answers charged",
        f"{len(unbilled)} billed for less than the engine wrote",
        f"{report.unbilled:.2f} s of text unbilled at most, {max(report.lost, default=0)} pieces",
    ]


def _attempt_of(receipt: dict[str, Any], attempts: list[Attempt]) -> Attempt | None:
    """Return the call it is the receipt of: by its words, or by its key, which asks once a time."""
    if "asked" in receipt:
        return next((one for one in attempts if one.mark == receipt["asked"].split()[0]), None)
    for one in attempts:
        if one.key == receipt["key"] and one.began <= receipt["began"] <= one.ended:
            return one
    return None


def wrong_with(receipt: dict[str, Any], entry: Entry, attempt: Attempt) -> list[str]:
    """Return what does not agree between what was charged, shown, read, and written."""
    said = []
    tokens, came = receipt["tokens_out"], len(entry.times)
    if tokens > came:
        said.append(f"billed for {tokens} tokens, and the engine wrote {came}")
    if attempt.is_read_whole_way and tokens > attempt.pieces:
        said.append(f"billed for {tokens} tokens, and {attempt.pieces} came to the caller")
    if receipt["charged"] != (receipt["tokens_in"] + tokens if tokens else 0):
        said.append(f"charged {receipt['charged']} for {receipt['tokens_in']} and {tokens}")
    if receipt["tokens_in"] > PROMPT_TOKENS:
        said.append(f"billed for {receipt['tokens_in']} tokens asked with")
    if "text" in receipt and receipt["text"] != written(tokens):
        said.append(f"billed for {tokens} tokens, and shows {receipt['text']!r}")
    if attempt.is_whole and not tokens == attempt.pieces == entry.wanted:
        said.append(f"read {attempt.pieces} of {entry.wanted}, and paid for {tokens}")
    return said


class Unbilled(NamedTuple):
    """Text that was written before a kill and is in no bill: how many pieces, over how long."""

    kill: float
    pieces: int
    seconds: float


def unbilled_of(receipt: dict[str, Any], entry: Entry, killed: list[float]) -> Unbilled | None:
    """Return what nobody paid for of a stream that a kill cut off."""
    lost = entry.times[receipt["tokens_out"] :] if entry.is_stream else []
    kill = min((kill for kill in killed if lost and kill >= lost[0]), default=None)
    if kill is None:
        return None
    return Unbilled(kill, sum(time <= kill for time in lost), kill - lost[0])


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("kills", type=int, nargs="?", default=500)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--minutes", type=float, default=float("inf"))
    asked.add_argument("--on", choices=["sqlite", "postgresql"], default="postgresql")
    said = asked.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, url = Path(name), ""
        folder.chmod(0o755)
        (folder / "house").mkdir()
        if said.on == "postgresql":
            url = stack.enter_context(postgres(folder / "pg", durable=True))
            url = url.replace("/atrium?", "/postgres?").replace("pool=off", "pool=on")
        report = run(
            said.kills,
            seed=said.seed,
            database_url=url,
            folder=folder / "house",
            seconds=said.minutes * 60,
        )
    print(
        f"{said.on}: {report.kills['web']} kills, {report.acknowledged} whole answers,"
        f" {report.cut_off} cut off; {', '.join(report.counted)}; wrong {len(report.wrong)}"
    )
    for line in report.wrong[:20]:
        print(f"  {line}")
    if report.unbilled > UNBILLED + LATE:
        print(f"MISSED: at most {UNBILLED} s of text may go unbilled")
    sys.exit(1 if report.wrong or report.unbilled > UNBILLED + LATE else 0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()
