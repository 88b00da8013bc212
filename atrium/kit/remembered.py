"""What is read on every page and changes seldom: remembered for a few seconds in each process."""

import time
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

Thing = TypeVar("Thing")
Name = TypeVar("Name", bound=Hashable)
_every: "list[Remembered[Any] | RememberedEach[Any, Any]]" = []


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


class RememberedEach(Generic[Name, Thing]):
    """Remembers what ``read(name)`` found for each name, never that it was nothing."""

    def __init__(
        self, read: Callable[[Name], Thing | None], *, seconds: float, most: int = 1_000
    ) -> None:
        self._read, self._seconds, self._most = read, seconds, most
        self._kept: dict[Name, tuple[Thing, float]] = {}
        self._forgotten = 0
        _every.append(self)

    def at_hand(self, name: Name) -> Thing | None:
        """Return what is remembered, without reading: this may be asked on an event loop."""
        kept = self._kept.get(name)
        return kept[0] if kept and time.monotonic() - kept[1] < self._seconds else None

    def get(self, name: Name) -> Thing | None:
        if (kept := self.at_hand(name)) is not None:
            return kept
        before, began = self._forgotten, time.monotonic()
        found = self._read(name)
        if found is not None and before == self._forgotten:
            if len(self._kept) >= self._most:
                self._kept.clear()
            self._kept[name] = found, began
        return found

    def forget(self) -> None:
        self._forgotten += 1
        self._kept.clear()


def forget_all() -> None:
    """Read everything anew at the next question, as tests do between each other."""
    for one in _every:
        one.forget()
