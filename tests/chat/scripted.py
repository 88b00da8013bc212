"""An engine that says what a test tells it, as far as the test lets it."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from atrium.engines.actions import offer_built_in
from atrium.engines.models import Model, Provider
from atrium.engines.protocol import Completion, EngineRefused, Piece, Question
from atrium.engines.registry import register_built_in

SLUG = "scripted"


class Scripted:
    """Yields ``pieces``; waits after ``pause_after`` of them until ``go_on`` is called."""

    def __init__(
        self,
        pieces: Sequence[Piece],
        *,
        pause_after: int | None = None,
        trouble: Exception | None = None,
    ) -> None:
        self.pieces = pieces
        self.pause_after = pause_after
        self.trouble = trouble
        self.asked: list[Question] = []
        self._go_on = False

    def go_on(self) -> None:
        self._go_on = True

    async def answer(self, question: Question) -> AsyncIterator[Piece]:
        self.asked.append(question)
        for number, piece in enumerate(self.pieces):
            while number == self.pause_after and not self._go_on:
                await asyncio.sleep(0.01)
            yield piece
        if self.trouble:
            raise self.trouble

    async def complete(self, body: dict[str, Any]) -> Completion:
        raise EngineRefused("It has no script for that.")


def model(**fields: int) -> Model:
    """Offer the scripted model, before all others."""
    offer_built_in()
    provider = Provider.objects.get(name="Built in")
    return Model.objects.create(
        provider=provider, slug=SLUG, title="Scripted", order=1, most_output_tokens=1000, **fields
    )


@contextmanager
def speaking(engine: Scripted) -> Iterator[Scripted]:
    """Let ``engine`` answer for the scripted model."""
    register_built_in(SLUG, lambda _model: engine)
    yield engine
