"""A way of keeping passwords that counts how many were looked at, in all threads together."""

from threading import Lock
from typing import ClassVar

from atrium.people.passwords import Argon2


class Counting(Argon2):
    looked_at: ClassVar[int] = 0
    _lock: ClassVar[Lock] = Lock()

    def verify(self, password: str, encoded: str) -> bool:
        with self._lock:
            Counting.looked_at += 1
        return super().verify(password, encoded)
