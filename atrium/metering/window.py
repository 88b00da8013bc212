"""The six hours within which a plan's tokens are counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LENGTH = timedelta(hours=6)
UNLIMITED = -1


@dataclass(frozen=True, slots=True)
class WindowState:
    """How much of the window is used, with what calls under way have set aside.

    ``limit`` is UNLIMITED where the plan has no bound. One that has not begun has no times: it
    opens with the next token, and ends six hours later.
    """

    limit: int
    used: int = 0
    opens_at: datetime | None = None
    resets_at: datetime | None = None

    @property
    def is_unlimited(self) -> bool:
        return self.limit == UNLIMITED

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def percent(self) -> int:
        """How full it is, in whole hundredths; nothing of what has no end is used up."""
        if self.is_unlimited:
            return 0
        return min(100, self.used * 100 // self.limit) if self.limit else 100
