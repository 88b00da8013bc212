"""Measuring the same on both engines, with the house on one core and whoever asks on the others."""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.house.servers import postgres

Measure = Callable[[str, str, argparse.Namespace], bool]
"""Takes an engine's name and the address of its database ("" for SQLite); False when too slow."""


def measured_on_both(measure: Measure, description: str | None) -> int:
    """Measure as the command line asks, and return the status to end with."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--on", choices=["sqlite", "postgresql"])
    args = parser.parse_args()
    good = True
    if args.on != "postgresql":
        good = measure("SQLite", "", args)
    if args.on != "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            with postgres(Path(folder) / "pg") as url:
                pooled = url.replace("/atrium?", "/postgres?").replace("pool=off", "pool=on")
                good = measure("PostgreSQL", pooled, args) and good
    return 0 if good else 1


@contextmanager
def asking_from_other_cores(cores: list[int]) -> Iterator[None]:
    """Leave the first core to who is asked."""
    if len(cores) > 1:
        os.sched_setaffinity(0, set(cores[1:]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, set(cores))
