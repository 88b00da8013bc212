"""A table for marks, workers to start and to kill, and a way to wait without sleeping."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from urllib.parse import urlencode

import pytest
from django.db import connection

from tests.jobs import kinds

HERE = Path(__file__).resolve().parent
PATIENCE = 30.0


@pytest.fixture
def marks(request: pytest.FixtureRequest, db: None) -> Iterator[Callable[[], list[str]]]:
    """The words that test jobs left in the database, in order."""
    kinds.make_table()
    yield kinds.marks
    if not connection.in_atomic_block:
        kinds.drop_table()


def until(comes: Callable[[], object], *, what: str = "") -> None:
    """Wait until ``comes`` is true, and fail when it does not come."""
    give_up = monotonic() + PATIENCE
    pause = threading.Event()
    while not comes():
        if monotonic() > give_up:
            raise AssertionError(f"never: {what or comes}")
        pause.wait(0.01)


def database_url() -> str:
    """The ATRIUM_DATABASE_URL of the database under test."""
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    options = {key: value for key, value in told["OPTIONS"].items() if isinstance(value, str)}
    user = {"user": told["USER"]} if told["USER"] else {}
    asked = {"host": told["HOST"], "port": told["PORT"], "pool": "off"} | user | options
    return f"postgres:/{told['NAME']}?{urlencode(asked)}"


class Workers:
    """Worker processes on the database under test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[bytes]] = []

    def start(
        self, *, lease: float = 30, grace: float = 10, threads: int = 2, parent: int = -1
    ) -> subprocess.Popen[bytes]:
        env = os.environ | {
            "ATRIUM_DATABASE_URL": database_url(),
            "ATRIUM_JOB_LEASE_SECONDS": str(lease),
        }
        words = ["--threads", threads, "--grace", grace, "--parent-fd", parent]
        with (self.folder / "workers.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, HERE / "worker_process.py", *map(str, words)],
                env=env,
                cwd=HERE.parent.parent,
                stdout=log,
                stderr=log,
                pass_fds=(parent,) if parent >= 0 else (),
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()

    @property
    def log(self) -> str:
        return (self.folder / "workers.log").read_text()


@pytest.fixture
def workers(tmp_path: Path, transactional_db: None) -> Iterator[Workers]:
    started = Workers(tmp_path)
    yield started
    started.end()
