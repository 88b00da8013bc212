"""Many calls at once, with credit for a few: never more than was paid for."""

import asyncio
from typing import Any

import openai
import pytest
from django.db.models import Sum

from atrium.engines.models import Model
from atrium.kit import clock
from atrium.ledger.models import Hold
from atrium.ledger.queries import balance_of, first_difference
from atrium.metering.models import Receipt
from atrium.metering.queries import window_of
from atrium.people.models import User
from tests import make
from tests.compat.conftest import MODEL, a_key, give_credits
from tests.house.upstream import Does, Upstream

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 50
MOST = 100


def ask_at_once(server: str, token: str, upstream: Upstream) -> list[Any]:
    """Ask; the engine holds back every answer until the others were refused."""

    async def all_of_them() -> list[Any]:
        async with openai.AsyncOpenAI(
            base_url=f"{server}/v1", api_key=token, max_retries=0
        ) as client:
            decided = 0

            async def ask(number: int) -> Any:
                nonlocal decided
                try:
                    stream = await client.chat.completions.create(
                        model=MODEL,
                        messages=[{"role": "user", "content": f"Why? {number}"}],
                        max_tokens=MOST,
                        stream=True,
                    )
                    return [frame async for frame in stream]
                except openai.RateLimitError as refused:
                    decided += 1
                    if decided == AT_ONCE - 3:
                        upstream.go_on()
                    return refused

            return await asyncio.gather(*(ask(number) for number in range(AT_ONCE)))

    return asyncio.run(all_of_them())


def test_50_at_once_with_credit_for_3_are_3(
    server: str, engine_server: Upstream, bob: User
) -> None:
    Model.objects.filter(slug=MODEL).update(input_price=0, most_output_tokens=MOST)
    give_credits(bob, 3 * MOST)
    engine_server.does = Does(pause_after=0)

    answers = ask_at_once(server, a_key(bob), engine_server)

    refused = [one for one in answers if isinstance(one, openai.RateLimitError)]
    assert len(refused) == AT_ONCE - 3
    assert {one.code for one in refused} == {"insufficient_quota"}
    assert len(engine_server.asked) == 3
    receipts = Receipt.objects.filter(state="settled")
    assert receipts.count() == 3
    charged = receipts.aggregate(sum=Sum("charged"))["sum"]
    assert charged == 3 * 12
    assert balance_of(f"person:{bob.pk}") == 3 * MOST - charged
    assert not Hold.objects.open().exists()
    assert first_difference() is None


def test_50_at_once_with_a_window_for_3_are_3(
    server: str, engine_server: Upstream, bob: User
) -> None:
    Model.objects.filter(slug=MODEL).update(most_output_tokens=MOST)
    make.windows(3 * (MOST + 9))  # what is asked is 3 words long, and 4 tokens around it
    engine_server.does = Does(pause_after=0)

    answers = ask_at_once(server, a_key(bob), engine_server)

    refused = [one for one in answers if isinstance(one, openai.RateLimitError)]
    assert len(refused) == AT_ONCE - 3
    assert {one.response.json()["error"]["reason"] for one in refused} == {"window_full"}
    assert all(one.response.json()["error"]["retry_at"] for one in refused)
    state = window_of(make.caller(bob), clock.now())
    assert (state.used, len(engine_server.asked)) == (3 * 32, 3)
    assert not Hold.objects.open().exists()
