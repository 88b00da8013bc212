"""How much somebody may keep: what their plan says, else the option."""

from collections.abc import Callable

from atrium.kit.limits import MB
from atrium.options.queries import value
from atrium.people.caller import Caller


def _no_plan(caller: Caller) -> int | None:
    return None


of_plan: Callable[[Caller], int | None] = _no_plan
"""Replaced by ``plans``: the bytes that the caller's plan lets them keep; None, as options say."""


def quota_of(caller: Caller) -> int:
    """Return how many bytes whoever asks may keep."""
    said = None if caller.is_nobody else of_plan(caller)
    if said is not None:
        return said
    key = "files.quota_member_mb" if caller.is_member else "files.quota_guest_mb"
    return int(value(key)) * MB
