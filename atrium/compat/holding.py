"""The hold of a call, which nobody loses: whoever leaves while it is made gives it back."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from atrium.compat import actions, charging, rates
from atrium.compat.actions import Begun, Wanted
from atrium.compat.exchange import Exchange
from atrium.compat.switchboard import unbroken
from atrium.kit import clock
from atrium.kit.offload import offload

Held = tuple[int, Begun]
"""How many tokens were asked with, and the call."""


async def held(exchange: Exchange, begin: Callable[[], Held]) -> Held:
    """Begin a call by itself, and tell the caller of its limits and its receipt.

    :raises Refusal: when it will not be made
    """
    return await _held(exchange, offload(begin))


async def held_with_others(exchange: Exchange, wanted: Wanted) -> Begun:
    """Begin a call together with those that begin just now, and tell the caller the same.

    :raises Refusal: when it will not be made
    """
    assert exchange.standing is not None, "a key was shown"
    assert exchange.most_calls is not None, "and its bound looked up"
    begun = charging.begin(
        by=exchange.caller,
        standing=exchange.standing,
        most_calls=exchange.most_calls,
        call_id=exchange.id,
        wanted=wanted,
    )

    async def beginning() -> Held:
        return wanted.tokens_in, await begun

    return (await _held(exchange, beginning()))[1]


async def _held(exchange: Exchange, beginning: Coroutine[Any, Any, Held]) -> Held:
    holding = asyncio.ensure_future(beginning)
    try:
        found = await asyncio.shield(holding)
    except asyncio.CancelledError:
        await unbroken(_undo(holding))
        raise
    _tokens, begun = found
    now = clock.now()
    exchange.more += rates.headers_of(begun.counted, at=now)
    if begun.receipt.window and exchange.standing:
        limit = exchange.standing.window
        exchange.more += rates.headers_of_window(begun.receipt.window, limit, at=now)
    exchange.more.append((b"x-atrium-receipt", str(begun.receipt.pk).encode()))
    return found


async def _undo(holding: "asyncio.Future[Held]") -> None:
    _tokens, begun = await holding
    await offload(actions.end_call, receipt=begun.receipt, delivered=None, at=clock.now())
