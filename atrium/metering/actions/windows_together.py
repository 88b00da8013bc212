"""Tokens of many windows set aside, and counted, in a few statements."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from atrium.kit import rows
from atrium.metering.models import Receipt, Window
from atrium.metering.window import LENGTH

# The rows are ours already; that what stands there is what we read is asked all the same.
_SET_ASIDE = """
UPDATE metering_window SET number = told.new_number, opened_at = told.opens,
    resets_at = told.resets, used = told.new_used, held = told.new_held
FROM {told} WHERE id = told.one AND used + held = told.was RETURNING id
"""
_ASIDE = {
    "one": "bigint",
    "new_number": "bigint",
    "opens": "timestamptz",
    "resets": "timestamptz",
    "new_used": "bigint",
    "new_held": "bigint",
    "was": "bigint",
}
_END = """
UPDATE metering_window SET held = held - told.reserved, used = used + told.spent
FROM {told} WHERE id = told.one AND number = told.its_number
"""
_ENDED = {"one": "bigint", "its_number": "bigint", "reserved": "bigint", "spent": "bigint"}


class Wanting(NamedTuple):
    """So many tokens of the holder's window, which has ``most``; None for no bound."""

    holder: str
    tokens: int
    most: int | None
    at: datetime


def set_aside_all(wanted: Sequence[Wanting]) -> list[tuple[Window, int] | None]:
    """Set each aside, in their order, as ``set_aside``; return its window with the number of it.

    None where they do not fit. In the caller's transaction.
    """
    windows = _windows({one.holder for one in wanted if one.most is None or one.tokens <= one.most})
    before = {window.pk: window.used + window.held for window in windows.values()}
    found: list[tuple[Window, int] | None] = []
    changed: dict[int, Window] = {}
    for one in wanted:
        window = windows.get(one.holder)
        if window and _takes(window, one):
            changed[window.pk] = window
            found.append((window, window.number))
        else:
            found.append(None)
    if changed:
        told = [
            (one.pk, one.number, one.opened_at, one.resets_at, one.used, one.held, before[one.pk])
            for one in changed.values()
        ]
        assert len(rows.run(_SET_ASIDE, told, _ASIDE)) == len(changed), "the windows were ours"
    return found


def end_in_windows(ended: Iterable[tuple[Receipt, int]]) -> None:
    """Count what was used of each, and set nothing aside for them any more."""
    sums: dict[tuple[int, int], tuple[int, int]] = {}
    for receipt, used in ended:
        if receipt.window_id:
            place = receipt.window_id, receipt.window_number
            held, all_used = sums.get(place, (0, 0))
            sums[place] = held + receipt.reserved, all_used + used
    if not sums:
        return
    rows.lock("metering_window", {window for window, _number in sums})
    rows.run(_END, [(*place, *sum_) for place, sum_ in sums.items()], _ENDED)
    if unused := [window for (window, _number), (_held, used) in sums.items() if not used]:
        nothing = Window.objects.filter(pk__in=unused, used=0, held=0)
        nothing.update(opened_at=None, resets_at=None)


def _windows(holders: set[str]) -> Mapping[str, Window]:
    if not holders:
        return {}
    found = _read(holders)
    if missing := holders - found.keys():
        Window.objects.bulk_create(
            [Window(holder=one) for one in sorted(missing)], ignore_conflicts=True
        )
        found = _read(holders)
    return found


def _read(holders: set[str]) -> dict[str, Window]:
    # Ignored on SQLite, where whoever began a transaction has the database.
    theirs = Window.objects.filter(holder__in=holders).order_by("pk")
    return {one.holder: one for one in theirs.select_for_update(no_key=True)}


def _takes(window: Window, one: Wanting) -> bool:
    is_over = window.resets_at is None or window.resets_at <= one.at
    taken = 0 if is_over else window.used + window.held
    if one.most is not None and taken + one.tokens > one.most:
        return False
    if is_over:
        window.number += 1
        window.opened_at, window.resets_at = one.at, one.at + LENGTH
        window.used = window.held = 0
    window.held += one.tokens
    return True
