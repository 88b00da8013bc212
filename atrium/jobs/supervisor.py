"""Starts the worker beside the web process, watches it, and takes it along when it ends."""

import asyncio
import contextlib
import logging
import os
import sys
import time
from asyncio.subprocess import Process

logger = logging.getLogger(__name__)

_FIRST_WAIT = 0.2
_LONGEST_WAIT = 10.0
_SETTLED_SECONDS = 10.0
_SPARE_SECONDS = 1.0  # beyond the worker's own grace, before it is killed


class WorkerChild:
    """A worker process that is started again whenever it ends before we do.

    It holds the reading end of a pipe of which only we have the other: when we die, however
    suddenly, it reads the end of it and leaves.
    """

    def __init__(self, *, grace: float = 4, threads: int = 2) -> None:
        self.grace = grace
        self.threads = threads
        self.starts = 0
        self._process: Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    @property
    def pid(self) -> int | None:
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process and running else None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._watch(), name="worker-child")

    async def stop(self) -> None:
        """Let it drain for its grace, then end it."""
        self._stopping.set()
        if self._task:
            await self._task

    async def _watch(self) -> None:
        wait = _FIRST_WAIT
        while not self._stopping.is_set():
            began = time.monotonic()
            status = await self._run_once()
            if self._stopping.is_set():
                return
            settled = time.monotonic() - began > _SETTLED_SECONDS
            wait = _FIRST_WAIT if settled else min(wait * 2, _LONGEST_WAIT)
            logger.warning("The worker ended with %s; starting it again in %.1f s", status, wait)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)

    async def _run_once(self) -> int:
        end, ours = os.pipe()
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *self._command(end),
                pass_fds=(end,),
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for us; the worker hears of it from us
            )
        finally:
            os.close(end)
        self.starts += 1
        try:
            return await self._until_over(process)
        finally:
            os.close(ours)

    def _command(self, end: int) -> list[str]:
        words = ["--threads", self.threads, "--grace", self.grace, "--parent-fd", end]
        return [sys.executable, "-m", "atrium", "worker", *map(str, words)]

    async def _until_over(self, process: Process) -> int:
        over = asyncio.create_task(process.wait())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({over, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not over.done():
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
                await asyncio.wait({over}, timeout=self.grace + _SPARE_SECONDS)
            if not over.done():
                logger.warning("The worker did not drain in time and is killed")
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
            return await over
        finally:
            stopping.cancel()
