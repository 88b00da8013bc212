import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest

from atrium.events.wire import Misfit, decode, encode
from atrium.kit.ids import new_id

pytestmark = pytest.mark.once


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Part:
    weight: float


@dataclass(frozen=True, kw_only=True)
class Thing:
    id: UUID
    when: datetime
    day: date | None
    colour: Colour
    parts: tuple[Part, ...]
    names: dict[str, int]
    is_whole: bool = True
    note: str | None = None


def a_thing(**other: Any) -> Thing:
    told: dict[str, Any] = {
        "id": new_id(),
        "when": datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC),
        "day": date(2026, 2, 28),
        "colour": Colour.RED,
        "parts": (Part(0.5), Part(2.0)),
        "names": {"a": 1},
    }
    return Thing(**{**told, **other})


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("other", [{}, {"day": None}, {"note": "x", "parts": (), "names": {}}])
def test_what_goes_in_comes_out_equal(other: dict[str, Any]) -> None:
    thing = a_thing(**other)
    assert decode(Thing, through_json(encode(thing))) == thing


@pytest.mark.parametrize(
    "other",
    [
        {"id": "a string"},
        {"when": date(2026, 1, 1)},
        {"colour": "red"},
        {"parts": [Part(1.0)]},
        {"parts": (1.0,)},
        {"is_whole": 1},
        {"note": Decimal(1)},
        {"names": {"a": True}},
    ],
)
def test_a_value_that_is_not_what_its_field_says_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(Misfit):
        encode(a_thing(**other))


def test_a_type_that_cannot_be_carried_is_refused() -> None:
    @dataclass(frozen=True)
    class Priced:
        price: Decimal

    @dataclass(frozen=True)
    class Unsure:
        value: int | str

    with pytest.raises(Misfit):
        encode(Priced(Decimal("0.1")))
    with pytest.raises(Misfit):
        encode(Unsure(1))


def test_an_unknown_name_is_refused_and_a_missing_one_only_without_a_default() -> None:
    stored = encode(a_thing())
    with pytest.raises(Misfit, match="no field size"):
        decode(Thing, {**stored, "size": 1})
    with pytest.raises(Misfit, match="without colour"):
        decode(Thing, {name: value for name, value in stored.items() if name != "colour"})
    assert decode(Thing, {name: v for name, v in stored.items() if name != "is_whole"}).is_whole


def test_a_stored_value_of_another_type_is_refused() -> None:
    stored = encode(a_thing())
    for name, wrong in {"is_whole": "yes", "note": 3, "colour": "blue", "id": None}.items():
        with pytest.raises((Misfit, ValueError)):
            decode(Thing, {**stored, name: wrong})
