"""Whether this process is on its way out: streams end themselves when it is."""

from collections.abc import Callable

_draining = False
_callbacks: list[Callable[[], None]] = []


def begin() -> None:
    """Say that no more is to be begun. The signal handler calls it; a second time is nothing."""
    global _draining  # noqa: PLW0603
    if _draining:
        return
    _draining = True
    for callback in tuple(_callbacks):
        callback()


def is_draining() -> bool:
    return _draining


def on_drain(callback: Callable[[], None]) -> Callable[[], None]:
    """Call ``callback`` once when draining begins, and return what takes that back.

    It runs inside a signal handler in the main thread: set a flag or use ``call_soon_threadsafe``.
    When draining has begun already it is called at once.
    """
    if _draining:
        callback()
        return lambda: None
    _callbacks.append(callback)
    return lambda: _callbacks.remove(callback) if callback in _callbacks else None


def reset() -> None:
    """Forget that draining began, for a test that serves again in the same process."""
    global _draining  # noqa: PLW0603
    _draining = False
