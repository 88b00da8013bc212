"""No-op jobs: ours beside Celery with Redis, and beside the bare loop, in the same run.

Each has two worker processes on one machine and one process that asks, a job at a time, each
committed on its own. PostgreSQL syncs every commit to disk, as it does by default. The rounds take
turns, so that a slow moment of the machine is everybody's; the middle round counts.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.house.servers import ServerFailed, postgres, redis_server

ROOT = Path(__file__).resolve().parent.parent
CELERY = ROOT / "var" / "bench" / "celery"
WANTED = ("celery[redis]~=5.7.0", "packaging")
Figures = dict[str, float]


def celery_python() -> Path | None:
    """Return the interpreter of Celery's own environment, made on first use; None without it."""
    python = CELERY / "bin" / "python"
    stamp = CELERY / "made"
    if not stamp.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", CELERY], check=True)
        made = subprocess.run([python, "-m", "pip", "install", "-q", *WANTED], check=False)
        if made.returncode:
            return None
        stamp.touch()
    return python


def run(words: list[object], **environment: str) -> Figures:
    ended = subprocess.run(
        [str(word) for word in words],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    lines = [line for line in ended.stdout.splitlines() if "jobs_per_s" in line]
    figures: Figures = json.loads(lines[0])
    return figures


class Contest:
    """The servers of one run, and those who compete on them."""

    def __init__(self, stack: ExitStack, folder: Path, *, jobs: int) -> None:
        self.jobs = jobs
        self.folder = folder
        self.database = stack.enter_context(postgres(folder / "p", durable=True))
        self.redis = stack.enter_context(redis_server(folder / "r"))
        self.peer = celery_python()
        self._file = 0

    def round(self) -> dict[str, Figures]:
        found = {"bare loop, PostgreSQL": self._bare(), "Atrium, PostgreSQL": self._ours()}
        if self.peer:
            found["Celery, Redis"] = self._celery()
        found["Atrium, SQLite"] = self._ours(sqlite=True)
        return found

    def _new_file(self) -> Path:
        self._file += 1
        return self.folder / f"waits{self._file}"

    def _ours(self, *, sqlite: bool = False) -> Figures:
        data = self.folder / ("sqlite" if sqlite else "pg")
        url = "" if sqlite else self.database.replace("/atrium?", "/postgres?")
        return run(
            [sys.executable, "-m", "bench.jobs_ours", "ask", self._new_file(), self.jobs],
            ATRIUM_DATABASE_URL=url,
            ATRIUM_DATA=str(data),
        )

    def _bare(self) -> Figures:
        dsn = f"host={self.folder / 'p'} port=5432 user=postgres dbname=postgres"
        return run([sys.executable, "-m", "bench.jobs_bare", self._new_file(), self.jobs, dsn])

    def _celery(self) -> Figures:
        broker = self.redis.replace("unix://", "redis+socket://")
        return run([self.peer, "-m", "bench.jobs_celery", self._new_file(), self.jobs, broker])


def middle(rounds: list[Figures]) -> Figures:
    return {name: median(one[name] for one in rounds) for name in rounds[0]}


def main() -> int:
    asked = argparse.ArgumentParser(prog="bench/run jobs")
    asked.add_argument("--jobs", type=int, default=3000)
    asked.add_argument("--rounds", type=int, default=3)
    said = asked.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="atr-")))
        folder.chmod(0o711)
        try:
            contest = Contest(stack, folder, jobs=said.jobs)
        except ServerFailed as trouble:
            print(f"jobs: cannot measure: {trouble}")
            return 3
        rounds = [contest.round() for _round in range(said.rounds)]
    return show({name: middle([one[name] for one in rounds]) for name in rounds[0]})


def show(table: dict[str, Figures]) -> int:
    """Print a line each; the status is 1 when we are slower than the peer."""
    peer = table.get("Celery, Redis")
    print("| jobs | asked/s | done/s | x Celery | begun p50 ms | p95 ms |")
    print("|---|---|---|---|---|---|")
    for name, one in table.items():
        times = f"{one['jobs_per_s'] / peer['jobs_per_s']:.2f}" if peer else "no Celery here"
        print(
            f"| {name} | {one['enqueued_per_s']:.0f} | {one['jobs_per_s']:.0f} | {times}"
            f" | {one['begun_p50_ms']:.1f} | {one['begun_p95_ms']:.1f} |"
        )
    slower = peer and table["Atrium, PostgreSQL"]["jobs_per_s"] < peer["jobs_per_s"]
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
