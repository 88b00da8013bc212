import asyncio
from typing import Any

import pytest

from atrium.web import lifespan
from atrium.web.lifespan import Lifespan

pytestmark = pytest.mark.once


class Diary:
    """Residents that write down when they came and went."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lifespan, "_residents", [])
        self.lines: list[str] = []

    def resident(self, name: str, *, fails: str = "") -> tuple[Any, Any]:
        async def note(deed: str) -> None:
            if fails == deed:
                raise OSError(f"{name} cannot {deed}")
            self.lines.append(f"{deed} {name}")

        async def start() -> None:
            await note("start")

        async def stop() -> None:
            await note("stop")

        return start, stop


@pytest.fixture
def diary(monkeypatch: pytest.MonkeyPatch) -> Diary:
    return Diary(monkeypatch)


def served(house: Lifespan) -> list[str]:
    """Go through one life as a server would, and return what the house answered."""
    answers: list[str] = []

    async def live() -> None:
        asked = iter(["lifespan.startup", "lifespan.shutdown"])

        async def receive() -> dict[str, Any]:
            return {"type": next(asked)}

        async def send(message: Any) -> None:
            answers.append(message["type"])

        await house({"type": "lifespan"}, receive, send)

    asyncio.run(live())
    return answers


def test_residents_start_in_order_and_stop_in_reverse(diary: Diary) -> None:
    lifespan.register(*diary.resident("desk"))
    house = Lifespan()
    house.add(*diary.resident("worker"), name="worker")
    assert served(house) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert diary.lines == ["start desk", "start worker", "stop worker", "stop desk"]


def test_a_failing_start_is_fatal_and_stops_those_before_it(diary: Diary) -> None:
    house = Lifespan()
    house.add(*diary.resident("desk"), name="desk")
    house.add(*diary.resident("hub", fails="start"), name="hub")
    assert served(house) == ["lifespan.startup.failed"]
    assert diary.lines == ["start desk", "stop desk"]


def test_a_failing_stop_does_not_keep_the_others_from_stopping(diary: Diary) -> None:
    house = Lifespan()
    house.add(*diary.resident("desk"), name="desk")
    house.add(*diary.resident("hub", fails="stop"), name="hub")
    assert served(house)[-1] == "lifespan.shutdown.complete"
    assert diary.lines == ["start desk", "start hub", "stop desk"]


def test_registering_twice_starts_once(diary: Diary) -> None:
    start, stop = diary.resident("desk")
    lifespan.register(start, stop)
    lifespan.register(start, stop)
    served(Lifespan())
    assert diary.lines == ["start desk", "stop desk"]
