"""What stands between a question and a provider: its number, its budget, who stands in."""

import asyncio
import contextlib
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from atrium.engines import budget
from atrium.engines.gates import FAILURES
from atrium.engines.models import Model, Provider, Spent
from atrium.engines.protocol import EngineBusy, EngineRefused, Question, Text, Usage
from atrium.engines.queries import model_named, stand_ins_of
from atrium.engines.registry import engine_for
from atrium.kit import lines_out
from atrium.options.actions import set_option
from tests.house.upstream import WORDS, Does, Upstream, upstream

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ANSWER = " ".join(WORDS) + " "
BODY = {"model": "x", "messages": [{"role": "user", "content": "Why?"}], "stream": True}


def a_model(served: Upstream | str, slug: str = "green", **more: Any) -> Model:
    url = served if isinstance(served, str) else served.url
    bounds = {name: more.pop(name) for name in ("daily_calls", "daily_micro") if name in more}
    provider = Provider.objects.create(name=slug, kind="openai", url=url, **bounds)
    return Model.objects.create(provider=provider, slug=slug, title=slug, **more)


def said(model: Model, *, times: int = 1, for_guest: bool = False) -> list[Any]:
    """Ask so often, and return the text of each answer or the trouble that there was."""

    async def one() -> Any:
        try:
            pieces = engine_for(model, for_guest=for_guest).answer(Question("Why?"))
            return "".join([piece.text async for piece in pieces if isinstance(piece, Text)])
        except EngineRefused as trouble:
            return trouble
        except EngineBusy as trouble:
            return trouble

    async def ask() -> list[Any]:
        try:
            return [await one() for _time in range(times)]
        finally:
            await lines_out.close()

    return asyncio.run(ask())


def completed(model: Model) -> bytes:
    async def ask() -> bytes:
        completion = await engine_for(model).complete(dict(BODY))
        try:
            return b"".join([piece async for piece in completion.body])
        finally:
            await completion.leave()
            await lines_out.close()

    return asyncio.run(ask())


def test_a_model_that_shares_its_name_stands_in(engine_server: Upstream) -> None:
    gone = a_model("http://127.0.0.1:1/v1", "gone", alias="best", order=1)
    there = a_model(engine_server, "there", alias="best", order=2)
    assert model_named("best") == gone
    assert stand_ins_of(gone) == [there]
    assert said(gone) == [ANSWER]
    assert b"green" in completed(gone)


def test_what_is_wrong_with_the_question_is_not_asked_elsewhere(engine_server: Upstream) -> None:
    engine_server.does = Does(status=400, says="too long")
    with upstream() as other:
        first = a_model(engine_server, "first", alias="best")
        a_model(other, "second", alias="best")
        assert isinstance(said(first)[0], EngineRefused)
        assert not other.asked


def test_what_broke_off_in_the_middle_is_not_asked_elsewhere(engine_server: Upstream) -> None:
    engine_server.does = Does(cut_after=3)
    with upstream() as other:
        first = a_model(engine_server, "first", alias="best")
        a_model(other, "second", alias="best")
        assert isinstance(said(first)[0], EngineBusy)
        assert not other.asked


def test_a_key_that_is_not_accepted_is_asked_elsewhere(engine_server: Upstream) -> None:
    engine_server.does = Does(status=401)
    with upstream() as other:
        first = a_model(engine_server, "first", alias="best")
        a_model(other, "second", alias="best")
        assert said(first) == [ANSWER]


def test_who_fails_again_and_again_is_not_asked(engine_server: Upstream) -> None:
    engine_server.does = Does(status=500)
    model = a_model(engine_server)
    told = said(model, times=FAILURES + 2)
    assert all(isinstance(one, EngineBusy) for one in told)
    assert told[-1].retry_after
    assert len(engine_server.asked) == FAILURES


def test_a_day_has_its_calls_and_the_next_day_others(engine_server: Upstream, clock: Any) -> None:
    model = a_model(engine_server, daily_calls=2)
    told = said(model, times=3)
    assert told[:2] == [ANSWER, ANSWER]
    assert isinstance(told[2], budget.BudgetSpent)
    assert 0 < (told[2].retry_after or 0) <= 86_400
    clock.now += timedelta(days=1)
    assert said(model) == [ANSWER]


def test_a_day_has_its_credits_and_what_a_call_did_not_cost_comes_back(
    engine_server: Upstream,
) -> None:
    prices: dict[str, Any] = {"input_price": 1_000_000, "output_price": 1_000_000}
    model = a_model(engine_server, daily_micro=1_100, most_output_tokens=900, **prices)
    assert said(model) == [ANSWER]
    assert Spent.objects.get().micro == 32
    assert b"green" in completed(Model.objects.select_related("provider").get(pk=model.pk))


def test_what_a_relayed_answer_used_is_read_at_its_end(engine_server: Upstream) -> None:
    model = a_model(engine_server, daily_micro=10**9, output_price=1_000_000)
    body = {**BODY, "stream_options": {"include_usage": True}}

    async def ask() -> None:
        completion = await engine_for(model).complete(body)
        async for _piece in completion.body:
            pass
        await completion.leave()
        await lines_out.close()

    asyncio.run(ask())
    assert Spent.objects.get().micro == 12


def test_what_all_guests_ask_together_is_bounded(engine_server: Upstream, clock: Any) -> None:
    set_option(key=budget.GUESTS, text="2", by="system", at=clock.now)
    first, second = a_model(engine_server, "one"), a_model(engine_server, "two")
    assert said(first, for_guest=True) + said(second, for_guest=True) == [ANSWER, ANSWER]
    assert isinstance(said(first, for_guest=True)[0], budget.BudgetSpent)
    assert said(first) == [ANSWER]


def test_64_at_once_take_no_more_than_there_is(engine_server: Upstream) -> None:
    model = a_model(engine_server, daily_micro=30)
    barrier, took = threading.Barrier(16), list[Any]()

    def take() -> None:
        barrier.wait(20)
        for _time in range(4):
            with contextlib.suppress(budget.BudgetSpent):
                took.append(budget.take(provider=model.provider, micro=3, for_guest=False, at=NOON))
        connection.close()

    threads = [threading.Thread(target=take) for _one in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(took) == 10
    assert Spent.objects.get().micro == 30


def test_who_leaves_frees_the_place(engine_server: Upstream) -> None:
    engine_server.does = Does(pause_after=2)
    model = a_model(engine_server)
    model.provider.at_once = 1

    async def ask() -> None:
        for _time in range(3):
            completion = await engine_for(model).complete(dict(BODY))
            await completion.leave()
        pieces: Any = engine_for(model).answer(Question("Why?"))
        await anext(pieces)
        await pieces.aclose()
        engine_server.does = Does()
        whole = [one async for one in engine_for(model).answer(Question("Why?"))]
        assert any(isinstance(one, Usage) for one in whole)
        await lines_out.close()

    asyncio.run(ask())


def test_a_body_that_is_handed_on_names_the_model(engine_server: Upstream) -> None:
    model = a_model(engine_server, "mine")
    assert json.loads(completed(model).split(b"\n\n")[0].removeprefix(b"data: "))
    assert engine_server.asked[0].body["model"] == "mine"
