"""Threads that begin at the same moment, each with a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")


def race(threads: int, run: Callable[[int], Result]) -> list[Result]:
    """Call ``run(number)`` in ``threads`` threads at once and return what each gave back."""
    barrier = Barrier(threads)

    def one(number: int) -> Result:
        try:
            barrier.wait(30)
            return run(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads)))
