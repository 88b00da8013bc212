"""A worker beside the served house, in a thread of the test's own process and on its database."""

import threading
from collections.abc import Callable

from django.db import connections

from atrium.jobs.worker import Shift

PATIENCE = 20


def start(threads: int = 2) -> Callable[[], None]:
    """Start a worker, and return what ends it and waits until it has drained."""
    shift = Shift(threads=threads, grace=5)

    def work() -> None:
        try:
            shift.run()
        finally:
            connections.close_all()

    thread = threading.Thread(target=work, name="worker", daemon=True)
    thread.start()

    def stop() -> None:
        shift.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the worker did not drain"

    return stop
