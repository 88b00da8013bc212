"""What is read on every page and changes seldom: remembered for a few seconds in each process."""

import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

Thing = TypeVar("Thing")
_every: "list[Remembered[Any]]" = []


class Remembered(Generic[Thing]):
    """Calls ``read`` when its last answer is older than ``seconds``, or was forgotten.

    A change is seen at once where it was made and forgets, elsewhere within that time.
    """

    def __init__(self, read: Callable[[], Thing], *, seconds: float = 4.0) -> None:
        self._read, self._seconds = read, seconds
        self._kept: tuple[Thing, float] | None = None
        self._forgotten = 0
        _every.append(self)

    def get(self) -> Thing:
        kept = self._kept
        if kept and time.monotonic() - kept[1] < self._seconds:
            return kept[0]
        before, began = self._forgotten, time.monotonic()
        found = self._read()
        if before == self._forgotten:  # else a change came while we read
            self._kept = found, began
        return found

    def forget(self) -> None:
        self._forgotten += 1
        self._kept = None


def forget_all() -> None:
    """Read everything anew at the next question, as tests do between each other."""
    for one in _every:
        one.forget()
