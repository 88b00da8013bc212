"""A million random posts through the ledger beside a model of dictionaries written apart from it.

``python -m bench.ledger_model [posts] [--seed N]``: half of them on PostgreSQL and half on SQLite,
at once, each in a process of its own; it ends at the first thing that differs.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.house.servers import postgres

ROOT = Path(__file__).resolve().parent.parent
POSTS = 1_000_000


def drive(posts: int, seed: int) -> None:
    """Do them in this process, on the database of this environment."""
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")
    django.setup()

    from django.db import connection  # noqa: PLC0415

    from tests.ledger.drive import Drive  # noqa: PLC0415

    run, began, said = Drive(seed), time.monotonic(), 0

    def tell(done: int) -> None:
        nonlocal said
        if done - said >= posts // 10:
            said = done
            print(f"{connection.vendor}: {done} posts", flush=True)

    run.go(posts, look_every=100, told=tell)
    run.look_at_platform()
    seconds = time.monotonic() - began
    kinds = ", ".join(f"{name} {count}" for name, count in sorted(run.kinds.items()))
    print(
        f"| {connection.vendor} | {posts} posts, {run.deeds} deeds | 0 differ |"
        f" {seconds:.0f} s | {posts / seconds:.0f} posts/s | {kinds} |",
        flush=True,
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("posts", type=int, nargs="?", default=POSTS)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--here", action="store_true", help="only on this environment's database")
    said = asked.parse_args()
    if said.here:
        drive(said.posts, said.seed)
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        address = stack.enter_context(postgres(folder / "pg")).replace("/atrium?", "/postgres?")
        runs = [
            _start(folder / name, url, said.posts // 2, said.seed + number)
            for number, (name, url) in enumerate((("postgresql", address), ("sqlite", "")))
        ]
        try:
            sys.exit(max(one.wait() for one in runs))
        finally:
            for one in runs:
                one.kill()


def _start(data: Path, url: str, posts: int, seed: int) -> "subprocess.Popen[bytes]":
    data.mkdir()
    environment = {name: told for name, told in os.environ.items() if "ATRIUM_" not in name}
    environment |= (
        {"ATRIUM_DATA": str(data), "ATRIUM_DATABASE_URL": url}
        if url
        else {"ATRIUM_DATA": str(data)}
    )
    subprocess.run(
        [sys.executable, "-m", "atrium", "prepare"], cwd=ROOT, env=environment, check=True
    )
    words = ["-m", "bench.ledger_model", str(posts), "--seed", str(seed), "--here"]
    return subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()
