"""A call to a provider: within its budget and its number, and if it fails, to who stands in."""

import asyncio
import json
import re
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, cast

from atrium.engines import budget, queries
from atrium.engines.gates import gate_of
from atrium.engines.models import Model
from atrium.engines.protocol import (
    Completion,
    Engine,
    EngineBusy,
    EngineTrouble,
    EngineUnfit,
    Piece,
    Question,
    Usage,
)
from atrium.kit import clock
from atrium.kit.offload import offload

_TAIL_PIECES = 8
_TOLD = re.compile(rb'"(prompt_tokens|completion_tokens)"\s*:\s*(\d{1,9})')


class Calling:
    """Asks a model, and those of its alias when it is not to be had."""

    def __init__(
        self, model: Model, *, speaker_for: Callable[[Model], Engine], for_guest: bool = False
    ) -> None:
        self.model = model
        self._speaker_for = speaker_for
        self._for_guest = for_guest

    async def answer(self, question: Question) -> AsyncGenerator[Piece]:
        """Yield the answer of the first that gives one.

        :raises EngineTrouble: when none does, or the one that began breaks off
        """
        has_begun = False
        async with aclosing(
            self._places(lambda: _length(question), question.most_tokens)
        ) as places:
            async for place in places:
                try:
                    await place.enter()
                    engine = self._speaker_for(place.model)
                    async with aclosing(_closable(engine.answer(question))) as pieces:
                        async for piece in pieces:
                            has_begun = True
                            if isinstance(piece, Usage):
                                place.used = piece
                            yield piece
                except BaseException as trouble:
                    await place.leave(trouble)
                    if has_begun or not place.may_another(trouble):
                        raise
                else:
                    await place.leave(None)
                    return

    async def complete(self, body: dict[str, Any]) -> Completion:
        """Answer a body of OpenAI's, as ``Engine.complete``; ``leave`` frees its place."""
        async with aclosing(self._places(lambda: _size(body), _most(body))) as places:
            async for place in places:
                try:
                    await place.enter()
                    told = await self._speaker_for(place.model).complete(body)
                except BaseException as trouble:
                    await place.leave(trouble)
                    if not place.may_another(trouble):
                        raise
                else:
                    return place.followed(told)
        raise AssertionError("The last of them raises.")

    async def _places(self, size: Callable[[], int], most_tokens: int) -> AsyncGenerator["_Place"]:
        """Yield whom to ask, one after the other; the last may not be followed by another.

        How much is asked with is counted only where a budget bounds it.
        """
        others = (await offload(queries.stand_ins_of, self.model)) if self.model.alias else []
        candidates = [self.model, *others]
        for model in candidates:
            most = 0
            if budget.is_bounded(model.provider, for_guest=self._for_guest):
                tokens_out = most_tokens or model.most_output_tokens
                most = _cost(model, Usage(size() // 3 + 1, tokens_out))
            is_last = model is candidates[-1]
            yield _Place(model, most, for_guest=self._for_guest, is_last=is_last)


class _Place:
    """One call's place at a provider."""

    def __init__(self, model: Model, most: int, *, for_guest: bool, is_last: bool) -> None:
        self.model = model
        self.used: Usage | None = None
        self._most = most
        self._for_guest = for_guest
        self._is_last = is_last
        self._gate = gate_of(model.provider_id)
        self._is_in = False
        self._is_asked = False
        self._taken: budget.Taken | None = None

    async def enter(self) -> None:
        """:raises EngineBusy: when there is none, today or now"""
        provider = self.model.provider
        await self._gate.enter(provider.at_once)
        self._is_in = True
        if budget.is_bounded(provider, for_guest=self._for_guest):
            self._taken = await offload(
                budget.take,
                provider=provider,
                micro=self._most,
                for_guest=self._for_guest,
                at=clock.now(),
            )
        self._gate.breaker.ask()
        self._is_asked = True

    async def leave(self, trouble: BaseException | None) -> None:
        """Free the place, and remember how it went; a second time does nothing."""
        if not self._is_in:
            return
        self._is_in = False
        self._gate.leave()
        if self._is_asked:
            self._judge(trouble)
        if self._taken:
            used = self._used(trouble)
            await asyncio.shield(offload(budget.give_back, taken=self._taken, used=used))

    def may_another(self, trouble: BaseException) -> bool:
        """Tell whether another engine may do what this one did not."""
        return isinstance(trouble, EngineBusy | EngineUnfit) and not self._is_last

    def followed(self, told: Completion) -> Completion:
        """Return the completion, of which this place is left when it is read or left."""

        async def leave() -> None:
            try:
                await told.leave()
            finally:
                await self.leave(None)

        body = self._heard(told.body)
        return Completion(told.status, told.headers, body, told.is_stream, leave)

    async def _heard(self, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        last: deque[bytes] = deque(maxlen=_TAIL_PIECES)
        try:
            async for piece in body:
                last.append(piece)
                yield piece
        except EngineTrouble as trouble:
            await self.leave(trouble)
            raise
        if self._taken:
            self.used = _usage_in(b"".join(last))
        await self.leave(None)

    def _judge(self, trouble: BaseException | None) -> None:
        if isinstance(trouble, EngineBusy):
            self._gate.breaker.failed()
        elif trouble is None or isinstance(trouble, EngineTrouble):
            self._gate.breaker.succeeded()
        else:
            self._gate.breaker.said_nothing()

    def _used(self, trouble: BaseException | None) -> int:
        if self.used:
            return _cost(self.model, self.used)
        return 0 if isinstance(trouble, EngineTrouble) else self._most


def _cost(model: Model, used: Usage) -> int:
    micro = used.tokens_in * model.input_price + used.tokens_out * model.output_price
    return -(-micro // 1_000_000)


def _length(question: Question) -> int:
    return len(question.text) + sum(len(one.text) for one in question.sources)


def _size(body: dict[str, Any]) -> int:
    try:
        return len(json.dumps(body.get("messages")))
    except (TypeError, ValueError):
        return 0


def _most(body: dict[str, Any]) -> int:
    wanted = body.get("max_completion_tokens") or body.get("max_tokens")
    return wanted if type(wanted) is int and wanted > 0 else 0


def _usage_in(tail: bytes) -> Usage | None:
    """Return the last usage that stands in the end of an answer in OpenAI's shape."""
    told = {name: int(number) for name, number in _TOLD.findall(tail)}
    if len(told) < 2:
        return None
    return Usage(told[b"prompt_tokens"], told[b"completion_tokens"])


def _closable(pieces: AsyncIterator[Piece]) -> AsyncGenerator[Piece]:
    return cast("AsyncGenerator[Piece]", pieces)
