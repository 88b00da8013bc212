import asyncio

import pytest

from atrium.engines.gates import FAILURES, LONGEST_REST, SHORTEST_REST, Breaker, Gate
from atrium.engines.protocol import EngineBusy
from atrium.kit.limits import LIMITS

pytestmark = pytest.mark.once


class Turned:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def broken(turned: Turned) -> Breaker:
    breaker = Breaker(turned)
    for _time in range(FAILURES):
        breaker.ask()
        breaker.failed()
    return breaker


def test_who_fails_again_and_again_is_left_alone_for_a_while() -> None:
    turned = Turned()
    breaker = broken(turned)
    with pytest.raises(EngineBusy) as told:
        breaker.ask()
    assert told.value.retry_after == SHORTEST_REST
    turned.now = SHORTEST_REST
    breaker.ask()  # one to see
    with pytest.raises(EngineBusy):
        breaker.ask()
    breaker.succeeded()
    breaker.ask()
    breaker.ask()


def test_who_still_fails_rests_longer_each_time() -> None:
    turned = Turned()
    breaker = broken(turned)
    rest = SHORTEST_REST
    for _time in range(10):
        turned.now += rest
        breaker.ask()
        breaker.failed()
        rest = min(LONGEST_REST, 2 * rest)
        with pytest.raises(EngineBusy) as told:
            breaker.ask()
        assert told.value.retry_after == rest


def test_a_success_between_failures_forgets_them() -> None:
    breaker = Breaker(Turned())
    for _time in range(3 * FAILURES):
        breaker.failed()
        breaker.succeeded()
    breaker.ask()


def test_who_tried_and_went_away_lets_another_try() -> None:
    turned = Turned()
    breaker = broken(turned)
    turned.now = SHORTEST_REST
    breaker.ask()
    breaker.said_nothing()
    breaker.ask()


def test_no_more_than_its_number_run_and_the_longest_waiting_is_next() -> None:
    async def walk() -> list[int]:
        gate, came, running, most = Gate(), list[int](), 0, 0

        async def one(number: int) -> None:
            nonlocal running, most
            await gate.enter(2)
            running += 1
            most = max(most, running)
            came.append(number)
            await asyncio.sleep(0)
            running -= 1
            gate.leave()

        await asyncio.gather(*(one(number) for number in range(20)))
        assert (most, gate.running) == (2, 0)
        return came

    assert asyncio.run(walk()) == list(range(20))


def test_who_gives_up_waiting_takes_no_place() -> None:
    async def walk() -> None:
        gate = Gate()
        await gate.enter(1)
        waiting = [asyncio.ensure_future(gate.enter(1)) for _one in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        gate.leave()  # to the second: the first is on its way out
        waiting[1].cancel()  # which goes at the very moment
        await asyncio.gather(*waiting[:2], return_exceptions=True)
        await waiting[2]
        assert gate.running == 1
        gate.leave()
        assert gate.running == 0

    asyncio.run(walk())


def test_when_too_many_wait_the_next_is_told_so() -> None:
    async def walk() -> None:
        gate = Gate()
        await gate.enter(1)
        waiting = [
            asyncio.ensure_future(gate.enter(1)) for _one in range(LIMITS.engine_calls_waiting)
        ]
        await asyncio.sleep(0)
        with pytest.raises(EngineBusy) as told:
            await gate.enter(1)
        assert told.value.retry_after
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    asyncio.run(walk())
