"""How many calls a key may make within a minute, told as OpenAI tells it."""

import math
from datetime import datetime

from django.utils.translation import gettext as _

from atrium.metering.models import Window
from atrium.metering.window import UNLIMITED
from atrium.options.queries import value
from atrium.people.attempts import Bound, Count
from atrium.people.caller import Caller
from atrium.people.rates import MINUTE, TooManyCalls
from atrium.people.shares import count_at_hand, count_in_shares

Headers = list[tuple[bytes, bytes]]


def most_calls() -> Bound:
    return Bound(int(value("compat.calls_per_minute")), MINUTE)


def count_at_once(caller: Caller, bound: Bound, *, at: datetime) -> Count | None:
    """Count one more call, if that needs no word to the database; else count nothing."""
    return count_at_hand(_bucket(caller), bound, at=at)


def count_call(caller: Caller, *, at: datetime) -> Count:
    """Count one more call of this key or app.

    :raises TooManyCalls: when it is one too many
    """
    [count] = count_in_shares({_bucket(caller): most_calls()}, at=at)
    count.check(TooManyCalls, _("More calls than are allowed within a minute."))
    return count


def headers_of(count: Count, *, at: datetime) -> Headers:
    left = max(0, math.ceil((count.window_ends_at - at).total_seconds()))
    return [
        (b"x-ratelimit-limit-requests", b"%d" % count.bound.limit),
        (b"x-ratelimit-remaining-requests", b"%d" % count.left),
        (b"x-ratelimit-reset-requests", _duration(left)),
    ]


def headers_of_window(window: Window, limit: int, *, at: datetime) -> Headers:
    """Return what is left of the tokens of a plan, where that has a bound."""
    if limit == UNLIMITED or window.resets_at is None:
        return []
    left = math.ceil((window.resets_at - at).total_seconds())
    return [
        (b"x-ratelimit-limit-tokens", b"%d" % limit),
        (b"x-ratelimit-remaining-tokens", b"%d" % max(0, limit - window.used - window.held)),
        (b"x-ratelimit-reset-tokens", _duration(max(0, left))),
    ]


def _duration(seconds: int) -> bytes:
    """Return so many seconds as Go writes them: ``5h0m0s``, ``1m0s``, ``12s``."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return b"%dh%dm%ds" % (hours, minutes, seconds)
    return b"%dm%ds" % (minutes, seconds) if minutes else b"%ds" % seconds


def _bucket(caller: Caller) -> str:
    if caller.key:
        return f"v1:key:{caller.key.pk}"
    return f"v1:app:{caller.app.pk}" if caller.app else f"v1:{caller.audience}"
