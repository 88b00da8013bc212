"""Jobs that only the tests know, and the table in which they leave their marks."""

import os
import threading
from pathlib import Path

from django.db import connection

from atrium.jobs.registry import job
from atrium.jobs.run import GiveUp, Run
from atrium.kit.errors import NotFound

TABLE = "jobs_test_marks"
PATIENCE = 30.0


def make_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute(f"CREATE TABLE {TABLE} (word varchar(80), pid integer)")


def drop_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")


def leave(word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} VALUES (%s, %s)", [word, os.getpid()])


def marks() -> list[str]:
    """The words left, in the order in which they were."""
    with connection.cursor() as cursor:
        order = "ctid" if connection.vendor == "postgresql" else "rowid"
        cursor.execute(f"SELECT word FROM {TABLE} ORDER BY {order}")
        return [word for (word,) in cursor.fetchall()]


def holds_the_whole_database() -> bool:
    """Whether who stands still inside a transaction keeps everybody from writing."""
    return connection.vendor == "sqlite"


def wait_for(path: str) -> None:
    """Stand still until the file is there."""
    pause = threading.Event()
    for _turn in range(int(PATIENCE / 0.01)):
        if Path(path).exists():
            return
        pause.wait(0.01)
    raise AssertionError(f"{path} never came")


@job("test.mark")
def mark(run: Run, *, word: str) -> None:
    leave(word)


@job("test.mark_and_fail", attempts=3)
def mark_and_fail(run: Run, *, word: str) -> None:
    leave(word)
    raise RuntimeError("secret reason")


@job("test.refuse")
def refuse(run: Run) -> None:
    raise NotFound("There is no such thing.")


@job("test.give_up", long=True)
def give_up(run: Run) -> None:
    raise GiveUp("It cannot be read.")


@job("test.mark_slowly")
def mark_slowly(run: Run, *, word: str, said: str, go: str) -> None:
    """Leave the mark, say so, wait for the word to go on: all inside the job's transaction."""
    Path(said).write_text(str(run.fence))
    wait_for(go)
    leave(word)


@job("test.mark_long", long=True)
def mark_long(run: Run, *, word: str, said: str, go: str) -> None:
    """Say that it began, wait, and write under the fence."""
    with Path(said).open("a") as file:
        file.write(f"{run.fence}\n")
    if run.fence == 1:
        wait_for(go)
    with run.writing():
        leave(f"{word} {run.fence}")


@job("test.until_cancelled", long=True)
def until_cancelled(run: Run, *, said: str) -> None:
    Path(said).write_text("begun")
    pause = threading.Event()
    while True:
        run.check_cancelled()
        pause.wait(0.01)


@job("test.stand_still", long=True, seconds=0.2)
def stand_still(run: Run, *, said: str) -> None:
    """Hang for ever the first time, and be done the second."""
    if run.fence == 1:
        Path(said).write_text("begun")
        threading.Event().wait()
    with run.writing():
        leave("done")


@job("test.by_the_clock")
def by_the_clock(run: Run, *, word: str) -> None:
    leave(word)
