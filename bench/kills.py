"""Kill the web process and its worker with -9, at random, while programs use them; then look.

Whatever was acknowledged must be there, whatever was begun must have ended once, and the books, the
files and the audit must agree. ``python -m bench.kills 500`` runs it long; the suite runs 20.
"""

import argparse
import contextlib
import http.client
import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parent.parent
LEASE_SECONDS = 2
PATIENCE = 120
TEXT = "Leaves look green because chlorophyll absorbs blue and red light.\n\n" * 40


@dataclass
class Report:
    """What happened, and what was wrong after it."""

    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    cut_off: int = 0
    wrong: list[str] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)


class House:
    """The real product, served by processes of its own on a data folder of its own."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        self.folder = folder
        self.port = free_port()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ATRIUM_")},
            "ATRIUM_DATA": str(folder),
            "ATRIUM_PORT": str(self.port),
            "ATRIUM_JOB_LEASE_SECONDS": str(LEASE_SECONDS),
            **({"ATRIUM_DATABASE_URL": database_url} if database_url else {}),
        }
        self.web: psutil.Popen | None = None
        self.log = (folder / "log").open("ab")

    def atrium(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the operator's command."""
        return self.python("atrium", *words)

    def python(
        self, module: str, *words: str, told: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a module of the checkout on the house's data."""
        return subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=ROOT,
            env=self.environment,
            input=told,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE * 5,
        )

    def start(self, until_answers: str = "/readyz") -> None:
        self.web = psutil.Popen(
            [sys.executable, "-m", "atrium", "serve"],
            cwd=ROOT,
            env=self.environment,
            stdout=self.log,
            stderr=self.log,
        )
        until(lambda: self._answers(until_answers), "the house does not stand")

    def _answers(self, path: str) -> bool:
        assert self.web is not None
        if not self.web.is_running() or self.web.status() == psutil.STATUS_ZOMBIE:
            said = (self.folder / "log").read_text("utf-8", "replace")[-3000:]
            raise AssertionError(f"the web process ended by itself:\n{said}")
        return self.ask("GET", path)[0] == 200

    def stop(self) -> None:
        if self.web and self.web.is_running():
            self.web.terminate()
            self.web.wait(PATIENCE)
        self.log.close()

    def kill(self, which: str) -> bool:
        """Kill the web process, or its worker; False when there is no worker just now."""
        assert self.web is not None
        if which == "web":
            self.web.kill()
            self.web.wait(PATIENCE)
            return True
        workers = [one for one in self.web.children() if "worker" in _words_of(one)]
        for worker in workers:
            worker.kill()
        return bool(workers)

    def ask(
        self, method: str, path: str, body: bytes | None = None, token: str = "", kind: str = ""
    ) -> tuple[int, Any]:
        """Return status and JSON; status 0 when the line broke."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if kind:
            headers["Content-Type"] = kind
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            raw = answer.read()
        except (OSError, http.client.HTTPException):
            return 0, None
        finally:
            line.close()
        with contextlib.suppress(ValueError):
            return answer.status, json.loads(raw)
        return answer.status, None


def _words_of(process: psutil.Process) -> list[str]:
    """Return its command line; nothing once it has ended."""
    try:
        words: list[str] = process.cmdline()
    except psutil.Error:
        return []
    return words


class Program(threading.Thread):
    """Uploads a file, asks about it, and notes what was acknowledged; again and again."""

    def __init__(self, house: House, token: str, report: Report) -> None:
        super().__init__(daemon=True)
        self.house, self.token, self.report = house, token, report
        self.enough = threading.Event()
        self.files: list[str] = []
        self.answers: list[str] = []

    def run(self) -> None:
        while not self.enough.wait(0.05):
            status, file = self.house.ask(
                "POST", "/api/v1/files?name=leaves.txt", TEXT.encode(), self.token, "text/plain"
            )
            if not self.noted(status) or status != 201:
                continue
            self.files.append(file["id"])
            body = json.dumps({"text": "Why do leaves look green?", "files": [file["id"]]}).encode()
            status, asked = self.house.ask(
                "POST", "/api/v1/chats", body, self.token, "application/json"
            )
            if self.noted(status) and status == 202:
                self.answers.append(asked["answer"]["id"])

    def noted(self, status: int) -> bool:
        """Count the answer, and say whether there was one."""
        if status == 0:
            self.report.cut_off += 1
        elif status < 300:
            self.report.acknowledged += 1
        elif status >= 500 and status != 503:
            self.report.wrong.append(f"a {status} was answered")
        return status != 0


def run(kills: int, *, seed: int = 1, database_url: str = "", folder: Path) -> Report:
    """Kill ``kills`` times, then let the house recover, and report what does not agree."""
    chance = random.Random(seed)
    report = Report()
    house = House(folder, database_url)
    prepared = house.atrium("prepare")
    assert prepared.returncode == 0, prepared.stderr
    made = house.atrium(
        *("account", "create", "--username", "load", "--password", "a long password"),
        *("--plan", "unlimited", "--api-key", "load", "--json"),
    )
    assert made.returncode == 0, made.stderr
    token = json.loads(made.stdout)["api_key"]
    programs = [Program(house, token, report) for _each in range(3)]
    try:
        house.start()
        for program in programs:
            program.start()
        kill_at_random(house, kills, chance, report)
        for program in programs:
            program.enough.set()
        for program in programs:
            program.join(PATIENCE)
        _recovered(house, programs, report)
    finally:
        for program in programs:
            program.enough.set()
        house.stop()
    return report


def kill_at_random(house: House, kills: int, chance: random.Random, report: Report) -> None:
    """Kill one of the two after the other, at any moment, and bring it back."""
    pause = threading.Event()
    for number in range(1, kills + 1):
        pause.wait(chance.uniform(0.05, 0.6))
        which = chance.choice(["web", "worker"])
        if house.kill(which):
            report.kills[which] += 1
        if which == "web":  # every other time it is killed while its worker is still coming
            house.start(chance.choice(["/readyz", "/healthz"]))
        if number % 50 == 0:
            print(f"{number} kills, {report.acknowledged} acknowledged", flush=True)


def _recovered(house: House, programs: list[Program], report: Report) -> None:
    """Look the house over, once everything that was begun has had its time to end."""
    until(lambda: not _unfinished(house), "jobs do not end")
    for room in ("files", "ledger", "audit"):
        verified = house.atrium(room, "verify")
        if verified.returncode:
            report.wrong.append(f"{room} verify: {verified.stdout.strip()}")
    told = {
        "files": [file for program in programs for file in program.files],
        "answers": [answer for program in programs for answer in program.answers],
    }
    gone = house.python("bench.look_over", "missing", told=json.dumps(told))
    report.wrong += json.loads(gone.stdout) if gone.returncode == 0 else [gone.stderr]
    looked = house.python("bench.look_over", "wrong")
    report.wrong += json.loads(looked.stdout) if looked.returncode == 0 else [looked.stderr]


def _unfinished(house: House) -> int:
    looked = house.python("bench.look_over", "unfinished")
    return len(json.loads(looked.stdout)) if looked.returncode == 0 else 1


def until(condition: Any, otherwise: str) -> None:
    """Wait until ``condition`` holds, at most ``PATIENCE`` seconds."""
    deadline = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise)
        pause.wait(0.05)


def free_port() -> int:
    """Return a port that nobody has, and that the system gives to no outgoing connection.

    One out of that range could be taken while its server is down: a program that calls again and
    again is, by and by, connected from that very port to itself.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("kills", type=int, nargs="?", default=500)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--database-url", default="")
    said = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = run(
            said.kills, seed=said.seed, database_url=said.database_url, folder=Path(folder)
        )
    print(
        f"kills: {dict(report.kills)}, acknowledged {report.acknowledged},"
        f" cut off {report.cut_off}, wrong {len(report.wrong)}"
    )
    for line in report.wrong[:20]:
        print(f"  {line}")
    sys.exit(1 if report.wrong else 0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()
