"""A table for marks, workers to start and to kill, and a way to wait without sleeping."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic
from urllib.parse import urlencode

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from atrium.jobs import registry
from atrium.jobs.models import Job
from tests.jobs import kinds
from tests.jobs.worker_process import work

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 30.0


@pytest.fixture
def marks(request: pytest.FixtureRequest, db: None) -> Iterator[Callable[[], list[str]]]:
    """The words that test jobs left in the database, in order."""
    kinds.make_table()
    yield kinds.marks
    if not connection.in_atomic_block:
        kinds.drop_table()


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What the listeners for dead and cancelled jobs of four kinds heard."""
    heard: list[str] = []

    def listener(job: Job, *, at: datetime) -> None:
        heard.append(f"{job.name} {job.state}")

    names = ["test.mark_and_fail", "test.refuse", "test.give_up", "test.until_cancelled"]
    for name in names:
        registry.on_dead(name)(listener)
        registry.on_cancelled(name)(listener)
    yield heard
    for name in names:
        registry.kind_of(name).dead_listeners.remove(listener)
        registry.kind_of(name).cancelled_listeners.remove(listener)


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
        self._log = folder / "workers.log"
        self._forks = multiprocessing.get_context("forkserver")
        self.started: list[BaseProcess] = []

    def start(
        self,
        *,
        lease: float = 30,
        grace: float = 10,
        threads: int = 2,
        parent: Connection | None = None,
    ) -> BaseProcess:
        words = ["--threads", str(threads), "--grace", str(grace)]
        process = self._forks.Process(target=work, args=(words, lease, self._log, parent))
        process.start()
        self.started.append(process)
        return process

    def end(self) -> None:
        for process in self.started:
            process.kill()
            process.join()
            process.close()

    @property
    def log(self) -> str:
        return self._log.read_text()


def pid_of(process: BaseProcess) -> int:
    assert process.pid is not None
    return process.pid


def status_of(process: BaseProcess) -> int | None:
    """Wait for a process that is to leave by itself; None when it did not."""
    process.join(PATIENCE)
    return process.exitcode


@pytest.fixture(scope="session")
def _nursery(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Have a process import the house once, on the database under test, to fork workers from."""
    with django_db_blocker.unblock():
        url = database_url()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATRIUM_DATABASE_URL", url)
        patch.setenv("PYTHONPATH", str(CHECKOUT))
        forkserver.set_forkserver_preload(["tests.jobs.worker_process"])
        forkserver.ensure_running()


@pytest.fixture
def workers(tmp_path: Path, transactional_db: None, _nursery: None) -> Iterator[Workers]:
    started = Workers(tmp_path)
    yield started
    started.end()
