import re
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.jobs.actions import enqueue
from atrium.kit import clock
from atrium.kit.errors import NotFound, Unprocessable
from atrium.payments import billing_clock
from atrium.payments.models import SandboxWorld

FURTHEST = timedelta(days=3660)
_SPAN = re.compile(r"\+?([0-9]{1,6})([dhms])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


class NoSandbox(NotFound):
    """There is none here, and so no clock to turn."""

    code = "no_sandbox"


class NotASpan(Unprocessable):
    """The clock cannot be turned by that."""

    code = "not_a_span"


class NothingAhead(Unprocessable):
    """Nobody waits for anything that comes by the clock."""

    code = "nothing_ahead"


def span_of(text: str) -> timedelta:
    """Read ``+31d``, ``6h``, ``90m`` or ``30s``.

    :raises NotASpan: for anything else, and for more than the clock is turned
    """
    found = _SPAN.fullmatch(text.strip())
    span = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if not timedelta() < span <= FURTHEST:
        raise NotASpan(
            _("Turn the clock forward by +31d, +6h or +30m, say; by %(days)d days at most.")
            % {"days": FURTHEST.days}
        )
    return span


def turn_clock(*, span: timedelta, by: str, at: datetime) -> datetime:
    """Turn the Sandbox's clock forward, and have what is due by then looked for at once.

    ``at`` is the real time. Returns the time that it is then for payments and plans.

    :raises NotASpan: when it would be turned further than it goes
    """
    turned = int((billing_clock.ahead() + span).total_seconds())
    if turned > FURTHEST.total_seconds():
        raise NotASpan(
            _("The clock is turned by %(days)d days at most. Turn it back to now first.")
            % {"days": FURTHEST.days}
        )
    return _set_ahead(turned, by=by, at=at)


def turn_clock_to_next(*, by: str, at: datetime) -> datetime:
    """Turn it to when something is due next, such as a renewal.

    :raises NothingAhead: when nothing is
    """
    now = billing_clock.now()
    moment = billing_clock.next_event(now)
    if moment is None:
        raise NothingAhead(_("Nothing is due by the clock: nobody has a plan that is renewed."))
    return turn_clock(span=moment - now + timedelta(seconds=1), by=by, at=at)


def turn_clock_back(*, by: str, at: datetime) -> datetime:
    """Let it be the real time again. What was made meanwhile keeps the dates it has."""
    return _set_ahead(0, by=by, at=at)


@transaction.atomic
def _set_ahead(seconds: int, *, by: str, at: datetime) -> datetime:
    if not settings.SANDBOX:
        raise NoSandbox(_("There is no Sandbox here, and so no clock to turn."))
    SandboxWorld.objects.update_or_create(pk=1, defaults={"ahead_seconds": seconds})
    for job in billing_clock.followers():
        enqueue(job, at=clock.now())
    note("payments.clock_turned", by=by, detail={"ahead_seconds": seconds}, at=at)
    return at + timedelta(seconds=seconds)
