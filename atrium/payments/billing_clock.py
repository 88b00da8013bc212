"""What time it is for payments and plans: the real time, unless the Sandbox's clock was turned.

Every process reads what was turned from the database each time it asks, so that none is behind. In
production there is no Sandbox, and nothing to read.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings

from atrium.kit import clock
from atrium.payments.models import SandboxWorld

NextAt = Callable[[datetime], datetime | None]
_followers: dict[str, NextAt | None] = {}


def now() -> datetime:
    """Return the time that periods, renewals and deadlines of payments go by."""
    return clock.now() + ahead()


def ahead() -> timedelta:
    """Return how far the Sandbox's clock was turned; nothing where there is no Sandbox."""
    if not settings.SANDBOX:
        return timedelta()
    turned = SandboxWorld.objects.filter(pk=1).values_list("ahead_seconds", flat=True).first()
    return timedelta(seconds=turned or 0)


def follow(job: str, *, next_at: NextAt | None = None) -> None:
    """Have the registered job, which comes by the real clock, come at once when this one is turned.

    ``next_at(after)`` tells when the next thing happens that people wait for, such as a renewal.
    """
    _followers[job] = next_at


def followers() -> tuple[str, ...]:
    return tuple(_followers)


def next_event(after: datetime) -> datetime | None:
    """Return when something is due next, as far as anybody who follows can tell."""
    moments = [next_at(after) for next_at in _followers.values() if next_at]
    return min((moment for moment in moments if moment), default=None)
