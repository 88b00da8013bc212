"""The worker beside the web process: started, watched, taken along."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import pytest

from atrium.jobs.supervisor import WorkerChild
from tests.jobs.conftest import PATIENCE, database_url

pytestmark = pytest.mark.django_db(transaction=True)


async def comes(true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.01)


def supervise(test: Callable[[WorkerChild], Awaitable[None]]) -> WorkerChild:
    child = WorkerChild(grace=4)

    async def run() -> None:
        await child.start()
        try:
            await comes(lambda: child.pid)
            await test(child)
        finally:
            await child.stop()

    asyncio.run(run())
    return child


@pytest.fixture(autouse=True)
def _on_this_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATRIUM_DATABASE_URL", database_url())


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_killed_worker_is_started_again_and_the_last_one_leaves_with_us() -> None:
    pids: list[int] = []

    async def kill_once(child: WorkerChild) -> None:
        assert child.pid is not None
        pids.append(child.pid)
        os.kill(child.pid, signal.SIGKILL)
        await comes(lambda: child.starts == 2 and child.pid)
        assert child.pid is not None
        pids.append(child.pid)

    child = supervise(kill_once)
    assert child.pid is None
    assert len(set(pids)) == 2
    assert not any(is_there(pid) for pid in pids)


def test_a_worker_that_does_not_leave_is_ended() -> None:
    """Stopped by a signal it cannot hear of another; after its grace it is killed."""

    async def stop_it(child: WorkerChild) -> None:
        assert child.pid is not None
        child.grace = 0.1
        os.kill(child.pid, signal.SIGSTOP)

    child = supervise(stop_it)
    assert child.pid is None
    assert child.starts == 1


def test_we_may_leave_at_once() -> None:
    async def nothing(child: WorkerChild) -> None:
        return None

    child = supervise(nothing)
    assert child.pid is None
