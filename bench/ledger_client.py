"""One client of ``bench.ledger``: reads ``WHO WHERE SECONDS`` from its input, prints how many."""

import os
import random
import sqlite3
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")
django.setup()

from django.db import connection  # noqa: E402

from atrium.kit.ids import new_id  # noqa: E402
from atrium.ledger.actions import Move, post  # noqa: E402
from atrium.ledger.models import CREDIT, Account  # noqa: E402
from bench.ledger_plain import write  # noqa: E402

PEOPLE = 1_000
RICH = 10**15
AT = datetime(2026, 1, 1, tzinfo=UTC)
WALLET, REVENUE = Account.Purpose.WALLET, Account.Purpose.REVENUE


def open_accounts() -> None:
    """Make what all clients spend from."""
    Account.objects.bulk_create(
        Account(holder=f"person:{number}", purpose=WALLET, asset=CREDIT, balance=RICH)
        for number in range(PEOPLE)
    )
    Account.objects.get_or_create(holder="platform", purpose=REVENUE, asset=CREDIT)


def ours(holder: str) -> None:
    legs = [Move(holder, WALLET, -1), Move("platform", REVENUE, 1)]
    post(key=str(new_id()), kind="pay", legs=legs, at=AT)


def plain(holder: str) -> None:
    moves: dict[tuple[str, str, str], int] = {
        (holder, str(WALLET), CREDIT): -1,
        ("platform", str(REVENUE), CREDIT): 1,
    }
    write(key=str(new_id()), kind="pay", about=("", None), moves=moves, at=AT)


class Limit:
    """The same rows through SQLite's own module, and nothing around them."""

    def __init__(self) -> None:
        told = connection.get_connection_params()
        self.line = sqlite3.connect(
            told["database"], uri=bool(told.get("uri")), isolation_level=None, timeout=20
        )
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            self.line.execute(f"PRAGMA {pragma}")

    def __call__(self, holder: str) -> None:
        do = self.line.execute
        do("BEGIN IMMEDIATE")
        entry = do(
            "INSERT INTO ledger_entry (key, kind, about_kind, posted_at)"
            " VALUES (?, 'pay', '', '2026-01-01 00:00:00') RETURNING id",
            [str(new_id())],
        ).fetchone()[0]
        wallet = do(
            "UPDATE ledger_account SET balance = balance - 1 WHERE holder = ?"
            " AND purpose = 'wallet' AND asset = 'CREDIT' RETURNING id",
            [holder],
        ).fetchone()[0]
        do(
            "INSERT INTO ledger_leg (entry_id, account_id, amount) SELECT ?1, ?2, -1 UNION ALL"
            " SELECT ?1, id, 1 FROM ledger_account WHERE holder = 'platform'"
            " AND purpose = 'revenue' AND asset = 'CREDIT'",
            [entry, wallet],
        )
        do("COMMIT")


def main() -> None:
    if sys.argv[1:] == ["open"]:
        open_accounts()
        return
    posts: dict[str, Callable[[str], None]] = {"ours": ours, "plain": plain}
    if connection.vendor == "sqlite":
        posts["limit"] = Limit()
    chance = random.Random()
    print("ready", flush=True)
    for line in sys.stdin:
        who, where, seconds = line.split()
        one, done = posts[who], 0
        end = time.perf_counter() + float(seconds)
        while time.perf_counter() < end:
            one("person:0" if where == "hot" else f"person:{chance.randrange(PEOPLE)}")
            done += 1
        print(done, flush=True)


if __name__ == "__main__":
    main()
