"""Posts a second through the action, beside plain Django and beside what the database can at most.

A post is one spend: an entry, two legs, a guarded balance. The limit is one call of a function that
does these rows and asks nothing (pgbench, prepared), on SQLite the same rows by its own module. On
PostgreSQL 8 clients, every commit synced to disk; on SQLite one. They take turns within one run;
the middle round counts. ``python -m bench.ledger [--seconds N] [--rounds N]``.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import psycopg

from bench.kills import ROOT
from tests.house.servers import _postgres_binaries, postgres

LEAST = 2.0  # times plain Django
PLACES = {"spread": "1,000 people", "hot": "one hot person"}
LIMIT = """
CREATE FUNCTION bench_limit(p_key text, p_holder text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint; v_wallet uuid; v_ours uuid;
BEGIN
    INSERT INTO ledger_entry (key, kind, about_kind, posted_at)
    VALUES (p_key, 'pay', '', now()) ON CONFLICT (key) DO NOTHING RETURNING id INTO n;
    IF n IS NULL THEN RETURN 0; END IF;
    UPDATE ledger_account SET balance = balance - 1
    WHERE holder = p_holder AND purpose = 'wallet' AND asset = 'CREDIT' RETURNING id INTO v_wallet;
    SELECT id INTO v_ours FROM ledger_account
    WHERE holder = 'platform' AND purpose = 'revenue' AND asset = 'CREDIT';
    INSERT INTO ledger_leg (entry_id, account_id, amount) VALUES (n, v_wallet, -1), (n, v_ours, 1);
    RETURN n;
END $$
"""
Contestant = Callable[[str, float], float]


class Clients:
    """Processes of ours on one database, all asked at once."""

    def __init__(self, number: int, environment: dict[str, str]) -> None:
        self.running = [
            subprocess.Popen(
                [sys.executable, "-m", "bench.ledger_client"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _each in range(number)
        ]
        self._read()

    def posts(self, who: str, where: str, seconds: float) -> float:
        for one in self.running:
            assert one.stdin
            one.stdin.write(f"{who} {where} {seconds}\n")
            one.stdin.flush()
        return sum(int(said) for said in self._read()) / seconds

    def _read(self) -> list[str]:
        return [one.stdout.readline() for one in self.running if one.stdout]

    def end(self) -> None:
        for one in self.running:
            one.kill()
            one.wait()


def pgbench(binaries: Path, address: str, clients: int, where: str, seconds: float) -> float:
    """Return how many calls of the limit a second pgbench makes."""
    person = "0" if where == "hot" else ":n"
    call = f"SELECT bench_limit(gen_random_uuid()::text, 'person:' || {person});\n"
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(f"\\set n random(0, 999)\n{call}")
        script.flush()
        words = ["-n", "-M", "prepared", "-f", script.name, "-c", str(clients), "-j", "2"]
        told = subprocess.run(
            [binaries / "pgbench", *words, "-T", str(max(1, round(seconds))), address],
            capture_output=True,
            text=True,
            check=True,
        )
    found = re.search(r"tps = ([\d.]+)", told.stdout)
    assert found, told.stdout
    return float(found[1])


def contest(
    name: str,
    contestants: dict[str, Contestant],
    before: Callable[[], None],
    rounds: int,
    seconds: float,
) -> bool:
    """Let them take turns, print a line for each place, and say whether ours was quick enough."""
    good = True
    for where, said in PLACES.items():
        figures: dict[str, list[float]] = {who: [] for who in contestants}
        for _round in range(rounds):
            for who, go in contestants.items():
                before()
                figures[who].append(go(where, seconds))
        ours, plain = median(figures["ours"]), median(figures["plain"])
        limit = median(figures["limit"]) if "limit" in figures else 0
        good = good and ours >= LEAST * plain
        beside = f"{limit:,.0f} | {ours / limit:.2f} of it" if limit else "not here | —"
        print(
            f"| {name}, {said} | {ours:,.0f} posts/s | plain Django {plain:,.0f},"
            f" {ours / plain:.1f} times | limit {beside} |",
            flush=True,
        )
    return good


def on_postgresql(folder: Path, stack: ExitStack, said: argparse.Namespace) -> bool:
    url = stack.enter_context(postgres(folder / "pg", durable=True))
    environment = prepared(folder / "p", url.replace("/atrium?", "/postgres?"))
    address = f"host={folder / 'pg'} port=5432 user=postgres dbname=postgres"
    with psycopg.connect(address, autocommit=True) as line:
        line.execute(LIMIT)
    clients = Clients(said.clients, environment)
    stack.callback(clients.end)
    contestants: dict[str, Contestant] = {
        "ours": lambda where, seconds: clients.posts("ours", where, seconds),
        "plain": lambda where, seconds: clients.posts("plain", where, seconds),
    }
    binaries = _postgres_binaries(folder)
    if (binaries / "pgbench").exists():
        contestants["limit"] = lambda where, seconds: pgbench(
            binaries, address, said.clients, where, seconds
        )
    else:
        print("pgbench is not here: no limit beside PostgreSQL.", flush=True)

    def before() -> None:
        with psycopg.connect(address, autocommit=True) as line:
            line.execute("VACUUM ANALYZE ledger_account")

    name = f"PostgreSQL, {said.clients} clients"
    return contest(name, contestants, before, said.rounds, said.seconds)


def on_sqlite(folder: Path, stack: ExitStack, said: argparse.Namespace) -> bool:
    clients = Clients(1, prepared(folder / "s", ""))
    stack.callback(clients.end)

    def contestant(who: str) -> Contestant:
        return lambda where, seconds: clients.posts(who, where, seconds)

    contestants = {who: contestant(who) for who in ("ours", "plain", "limit")}
    return contest("SQLite, 1 client", contestants, lambda: None, said.rounds, said.seconds)


def prepared(data: Path, url: str) -> dict[str, str]:
    """Set a house up there, with accounts to spend from."""
    data.mkdir()
    environment = {name: told for name, told in os.environ.items() if "ATRIUM_" not in name}
    environment |= {"ATRIUM_DATA": str(data)} | ({"ATRIUM_DATABASE_URL": url} if url else {})
    for words in (["atrium", "prepare"], ["bench.ledger_client", "open"]):
        subprocess.run(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return environment


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=4)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--clients", type=int, default=8)
    said = asked.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        good = [on(folder, stack, said) for on in (on_sqlite, on_postgresql)]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()
