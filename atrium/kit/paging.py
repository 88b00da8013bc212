"""Lists in pages that neither repeat nor miss a row while rows come and go."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import reduce
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from atrium.kit.errors import Refusal
from atrium.kit.limits import LIMITS
from atrium.kit.secrets import BadSignature, sign, verify

Row = TypeVar("Row")
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


class BadCursor(Refusal):
    code = "bad_cursor"


@dataclass(frozen=True)
class Page(Generic[Row]):
    items: list[Row]
    next: str | None
    """The mark to ask for what follows; None at the end."""


def page_of(
    queryset: Any,
    *,
    after: str | None,
    size: int,
    order: tuple[str, ...],
) -> Page[Any]:
    """Return the rows that follow the mark ``after``, in this order.

    ``order`` names columns as ``order_by`` does (``"-updated_at", "-id"``). None of them may be
    null, and together they must be unique: end with the key.

    :raises BadCursor: when ``after`` is no mark that we made for this order
    """
    size = max(1, min(size, LIMITS.page_items_most))
    rows = queryset.order_by(*order)
    if after:
        rows = _following(rows, _opened(after, order), order)
    found = list(rows[: size + 1])
    more = len(found) > size
    found = found[:size]
    return Page(items=found, next=_mark(found[-1], order) if more else None)


def place_of(mark: str, *, order: tuple[str, ...]) -> list[Any]:
    """Return where ``mark`` stands: the values of the row before, in the order's columns.

    :raises BadCursor: when it is no mark that we made for this order
    """
    return _opened(mark, order)


def _following(rows: Any, place: Sequence[Any], order: tuple[str, ...]) -> Any:
    # (a, b, c) > (x, y, z) said as: a >= x, and not (a = x and b < y),
    # and not (a = x and b = y and c <= z). The first part is a plain range for the index.
    equal: dict[str, Any] = {}
    for number, (name, value) in enumerate(zip(order, place, strict=True)):
        column, down = name.removeprefix("-"), name.startswith("-")
        last = number == len(order) - 1
        if number == 0:
            onward = ("lt" if down else "gt") + ("" if last else "e")
            rows = rows.filter(**{f"{column}__{onward}": value})
        else:
            before = ("gt" if down else "lt") + ("e" if last else "")
            rows = rows.exclude(**equal, **{f"{column}__{before}": value})
        equal[column] = value
    return rows


def _mark(row: Any, order: tuple[str, ...]) -> str:
    place = [_written(_value(row, name.removeprefix("-"))) for name in order]
    return sign(json.dumps(place), purpose=_purpose(order), expires=None)


def _opened(mark: str, order: tuple[str, ...]) -> list[Any]:
    refusal = BadCursor(_("This list has changed its order. Begin again from its start."))
    if len(mark) > LIMITS.cursor_characters:
        raise refusal
    try:
        return [
            _read(one) for one in json.loads(verify(mark, purpose=_purpose(order), at=_ANY_TIME))
        ]
    except BadSignature:
        raise refusal from None


def _purpose(order: tuple[str, ...]) -> str:
    return "page:" + ",".join(order)


def _value(row: Any, column: str) -> Any:
    if isinstance(row, dict):  # of a query for values
        return row[column]
    return reduce(getattr, column.split("__"), row)


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return ["at", value.isoformat()]
    if isinstance(value, date):
        return ["on", value.isoformat()]
    if isinstance(value, UUID):
        return ["id", value.hex]
    if value is None or not isinstance(value, (str, int, float)):
        raise TypeError(f"A list cannot be put in order by {value!r}.")
    return value


def _read(written: Any) -> Any:
    if not isinstance(written, list):
        return written
    kind, text = written
    return _READERS[kind](text)


_READERS: dict[str, Callable[[str], Any]] = {
    "at": datetime.fromisoformat,
    "on": date.fromisoformat,
    "id": UUID,
}
