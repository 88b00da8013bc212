"""Many half-sent bodies: bounded for one network and for all, and in nobody else's way."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from time import monotonic
from typing import Any

import pytest

from atrium.kit.limits import LIMITS
from atrium.web import intake
from atrium.web.guard import Guard
from tests.web.served import Echo, Server, read_all, served
from tests.web.test_guard import head, problem, status

pytestmark = pytest.mark.once
HALF = b"x" * 100_000
PATIENCE = 20


class House:
    """A guard in front of an application that only reads, and who is half-way through sending."""

    def __init__(self, server: Server, guard: Guard) -> None:
        self.server = server
        self.guard = guard
        self.lines: list[socket.socket] = []

    def begin(self, *, network: str = "192.0.2.1") -> socket.socket:
        """Send half a body, and stay."""
        line = self.server.connect()
        self.lines.append(line)
        told = ("Content-Length: 900000", "Accept: application/json", f"X-Forwarded-For: {network}")
        line.sendall(head("POST", "/", *told) + HALF)
        return line

    @property
    def held(self) -> dict[str, int]:
        return dict(self.guard._intake._bodies)

    def until_held(self, number: int) -> None:
        pause, give_up = threading.Event(), monotonic() + PATIENCE
        while self.held.get("", 0) != number:
            assert monotonic() < give_up, self.held
            pause.wait(0.01)

    def small_form(self) -> int:
        told = ("Content-Length: 9", "Connection: close")
        return status(self.server.send(head("POST", "/", *told) + b"name=olha"))


@pytest.fixture
def house(settings: Any) -> Iterator[House]:
    settings.ATRIUM = settings.ATRIUM.model_copy(update={"trusted_proxies": 1})
    guard = Guard(Echo())
    with served(guard) as server:
        one = House(server, guard)
        yield one
        for line in one.lines:
            line.close()


def test_of_200_half_sent_bodies_of_one_network_64_are_held_and_leave_nothing(
    house: House,
) -> None:
    lines = [house.begin() for _ in range(200)]
    house.until_held(LIMITS.bodies_per_address)
    refused = 0
    for line in lines[LIMITS.bodies_per_address :]:
        answer = read_all(line)
        assert (status(answer), problem(answer)["code"]) == (429, "too_many_bodies")
        refused += 1

    assert refused == 200 - LIMITS.bodies_per_address
    assert house.small_form() == 200
    assert house.held["192.0.2.1"] == LIMITS.bodies_per_address
    for line in lines:
        line.close()
    house.until_held(0)
    assert house.held == {}


def test_one_that_is_sent_whole_makes_room(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "LIMITS", replace(LIMITS, bodies_per_address=1))
    first = house.begin()
    house.until_held(1)
    assert status(read_all(house.begin())) == 429

    first.sendall(b"x" * 800_000)
    assert first.recv(65536).startswith(b"HTTP/1.1 200")
    house.until_held(0)
    house.begin()
    house.until_held(1)


def test_everybody_together_is_bounded_and_is_told_when_to_come_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "LIMITS", replace(LIMITS, bodies=3))
    for number in range(3):
        house.begin(network=f"192.0.2.{number}")
    house.until_held(3)

    answer = read_all(house.begin(network="192.0.2.9"))

    assert (status(answer), problem(answer)["code"]) == (503, "hands_full")
    assert b"retry-after: 10" in answer
    assert house.small_form() == 200


@pytest.mark.parametrize(
    ("bound", "expected"), [("body_bytes_per_address", 429), ("body_bytes", 503)]
)
def test_bytes_are_counted_as_well_as_bodies(
    house: House, monkeypatch: pytest.MonkeyPatch, bound: str, expected: int
) -> None:
    monkeypatch.setattr(intake, "LIMITS", replace(LIMITS, **{bound: 250_000}))
    for _ in range(2):
        house.begin()
        house.until_held(len(house.lines))

    assert status(read_all(house.begin())) == expected
    assert house.held[""] == 2
