"""The hold of a call, which nobody loses: whoever leaves while it is made gives it back."""

import asyncio
from collections.abc import Callable

from atrium.compat import actions, rates
from atrium.compat.actions import Begun
from atrium.compat.exchange import Exchange
from atrium.compat.switchboard import unbroken
from atrium.kit import clock
from atrium.kit.offload import offload

Held = tuple[int, Begun]
"""How many tokens were asked with, and the call."""


async def held(exchange: Exchange, begin: Callable[[], Held]) -> Held:
    """Begin a call, and tell the caller of its limits and its receipt.

    :raises Refusal: when it will not be made
    """
    holding = asyncio.ensure_future(offload(begin))
    try:
        found = await asyncio.shield(holding)
    except asyncio.CancelledError:
        await unbroken(_undo(holding))
        raise
    _tokens, begun = found
    now = clock.now()
    exchange.more += rates.headers_of(begun.counted, at=now)
    if begun.receipt.window:
        limit = exchange.window_limit
        exchange.more += rates.headers_of_window(begun.receipt.window, limit, at=now)
    exchange.more.append((b"x-atrium-receipt", str(begun.receipt.pk).encode()))
    return found


async def _undo(holding: "asyncio.Future[Held]") -> None:
    _tokens, begun = await holding
    await offload(actions.end_call, receipt=begun.receipt, delivered=None, at=clock.now())
