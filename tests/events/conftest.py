"""Other processes on the database under test: workers and tellers."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.jobs import kinds
from tests.jobs.conftest import database_url

HERE = Path(__file__).resolve().parent

StartProcess = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def marks(db: None) -> Iterator[Callable[[], list[str]]]:
    """The words that listeners left in the database, in order."""
    kinds.make_table()
    yield kinds.marks
    if not connection.in_atomic_block:
        kinds.drop_table()


@pytest.fixture
def start_process(transactional_db: None, tmp_path: Path) -> Iterator[StartProcess]:
    """Start one of this folder's scripts on the database under test; ended after the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(script: str, *words: object, **environment: Any) -> "subprocess.Popen[bytes]":
        with (tmp_path / "processes.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, HERE / script, *map(str, words)],
                env=os.environ | {"ATRIUM_DATABASE_URL": database_url(), **environment},
                cwd=HERE.parent.parent,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
