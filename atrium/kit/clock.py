"""The one place that asks what time it is, so that a test can turn it."""

from collections.abc import Callable
from datetime import UTC, datetime


def _wall() -> datetime:
    return datetime.now(UTC)


_reading: Callable[[], datetime] = _wall


def now() -> datetime:
    """Return the time, with its zone. Surfaces and workers ask; an action is told (``at=``)."""
    return _reading()


def use(reading: Callable[[], datetime] | None) -> None:
    """Read ``reading`` instead of the wall clock, or the wall again when it is None."""
    global _reading  # noqa: PLW0603
    _reading = reading or _wall
