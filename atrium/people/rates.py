"""How often one caller, or one network, may call within a minute, and how they are told."""

import math
from datetime import datetime
from hashlib import blake2b

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from atrium.kit.errors import TooMany
from atrium.kit.limits import LIMITS
from atrium.people.attempts import Bound, Count
from atrium.people.caller import Caller
from atrium.people.shares import count_in_shares
from atrium.web.address import address_of, neighbourhood

MINUTE = 60


class TooManyCalls(TooMany):
    code = "too_many_calls"


def count_call(request: HttpRequest, caller: Caller, *, change: str = "", at: datetime) -> Count:
    """Count this call, and return the bound that leaves the least.

    :param change: the operation, when it changes something: each has a tighter bound of its own
    :raises TooManyCalls: with the count in ``request.call_count`` for the headers all the same
    """
    counts = count_in_shares(_buckets(request, caller, change), at=at)
    tightest = min(counts, key=lambda one: (not one.is_over, one.left))
    request.call_count = tightest  # type: ignore[attr-defined]
    tightest.check(TooManyCalls, _("More calls than are allowed within a minute."))
    return tightest


def _buckets(request: HttpRequest, caller: Caller, change: str) -> dict[str, Bound]:
    network = neighbourhood(address_of(request))
    buckets = {f"api:{network}": Bound(LIMITS.api_calls_per_address, MINUTE)}
    who = _name(caller) or f"nobody:{network}"
    buckets[f"api:{who}"] = Bound(LIMITS.api_calls_per_caller, MINUTE)
    if change:
        which = blake2b(change.encode(), digest_size=8).hexdigest()
        buckets[f"api:{who}:{which}"] = Bound(LIMITS.api_changes_per_caller, MINUTE)
    return buckets


def _name(caller: Caller) -> str:
    # A key or an app has its own allowance, so that one program does not stop its person's others.
    if caller.key:
        return f"key:{caller.key.pk}"
    return f"app:{caller.app.pk}" if caller.app else caller.audience


def tell(request: HttpRequest, answer: HttpResponseBase, *, at: datetime) -> None:
    """Put the tightest bound of a call that was counted into the headers, hit or not."""
    count: Count | None = getattr(request, "call_count", None)
    if count is None:
        return
    wait = max(0, math.ceil((count.window_ends_at - at).total_seconds()))
    answer["RateLimit-Limit"] = str(count.bound.limit)
    answer["RateLimit-Remaining"] = str(count.left)
    answer["RateLimit-Reset"] = str(wait)
    answer["RateLimit-Policy"] = f"{count.bound.limit};w={count.bound.seconds}"
