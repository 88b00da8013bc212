"""How much lies here of bodies that are still on their way, so that half-sent ones stay bounded.

What is small passes uncounted: whoever fills this keeps nobody from signing in.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.kit.errors import Refusal, TooMany, Unavailable
from atrium.kit.limits import LIMITS

_AGAIN_AFTER = timedelta(seconds=10)


class TooManyBodies(TooMany):
    """One network sends too much at once."""

    code = "too_many_bodies"


class HandsFull(Unavailable):
    """Everybody together sends too much at once."""

    code = "hands_full"


@dataclass(slots=True)
class Held:
    """What is counted of one body."""

    network: str
    size: int = 0


class Intake:
    """The large bodies under way in one web process, by network and all together."""

    def __init__(self) -> None:
        self._bodies: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()

    def hold(self, held: Held, *, taken: int) -> Refusal | None:
        """Count a large body, of which so much has come; return why not when it is too much."""
        more, new = taken - held.size, int(not held.size)
        if self._is_over(
            held.network, new, more, LIMITS.bodies_per_address, LIMITS.body_bytes_per_address
        ):
            return TooManyBodies(
                _("Too much is being sent from your network at once."),
                limit=LIMITS.bodies_per_address,
                retry_at=clock.now() + _AGAIN_AFTER,
            )
        if self._is_over("", new, more, LIMITS.bodies, LIMITS.body_bytes):
            return HandsFull(
                _("Too much is being sent here at once. Try again in a moment."),
                retry_at=clock.now() + _AGAIN_AFTER,
            )
        self._add(held, bodies=new, size=more)
        return None

    def let_go(self, held: Held) -> None:
        """Count a body no more: it is answered, or its sender left."""
        if held.size:
            self._add(held, bodies=-1, size=-held.size)

    def _is_over(self, name: str, new: int, more: int, bodies: int, size: int) -> bool:
        is_one_too_many = bool(new) and self._bodies[name] >= bodies
        return is_one_too_many or self._bytes[name] + more > size

    def _add(self, held: Held, *, bodies: int, size: int) -> None:
        held.size += size
        for name in (held.network, ""):
            self._bodies[name] += bodies
            self._bytes[name] += size
            if not self._bodies[name]:
                del self._bodies[name], self._bytes[name]
