"""Names for rows that a person can address: random, and in order of making."""

from collections.abc import Callable
from uuid import UUID

from uuid_utils.compat import uuid7

_next: Callable[[], UUID] = uuid7


def new_id() -> UUID:
    """Return a fresh UUIDv7."""
    return _next()


def use(source: Callable[[], UUID] | None) -> None:
    """Take ids from ``source`` (a test's own counter), or from chance again when it is None."""
    global _next  # noqa: PLW0603
    _next = source or uuid7
