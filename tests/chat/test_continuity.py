"""A reader whose line is cut again and again reads exactly what is written, and pays once."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator
from time import monotonic

import pytest

from atrium.chat.asking import Asked, ask
from atrium.chat.models import Turn
from atrium.engines.protocol import Piece, Question, Text
from atrium.kit import clock
from atrium.ledger.models import Hold
from atrium.ledger.queries import first_difference
from atrium.metering.models import Receipt
from atrium.metering.tokens import count_tokens
from atrium.people.actions import welcome_guest
from atrium.people.queries import GUEST_COOKIE
from tests import make
from tests.chat import scripted
from tests.chat.reader import Reader
from tests.chat.scripted import Scripted

pytestmark = pytest.mark.django_db(transaction=True)

CUTS = 100
WORDS = ("leaf ", "зелений ", "葉っぱ", "🌿🌱 ", "\n\n", "e\u0301 ", "**bold** ", "[1] ")


class Paced(Scripted):
    """Writes as far as it is allowed to, so that it has not ended before the last cut."""

    def __init__(self, pieces: list[Piece]) -> None:
        super().__init__(pieces)
        self.allowed = 0

    async def answer(self, question: Question) -> AsyncIterator[Piece]:
        for number, piece in enumerate(self.pieces):
            while number >= self.allowed and not self._go_on:
                await asyncio.sleep(0.002)
            yield piece


def test_a_line_cut_at_100_random_points_loses_doubles_and_charges_nothing_twice(
    server: str,
) -> None:
    chance = random.Random(20261121)
    written = [chance.choice(WORDS) for _number in range(CUTS * 4 + 50)]
    guest, token = welcome_guest(at=clock.now())
    engine = Paced([*map(Text, written)])
    scripted.model(input_price=0, output_price=0)
    with scripted.speaking(engine):
        by = make.caller(guest)
        _chat, begun = ask(by=by, chat=None, asked=Asked(text="Go on."), at=clock.now())
        reader = Reader(server, f"{GUEST_COOKIE}={token}", str(begun.answer.pk))
        for _cut in range(CUTS):
            engine.allowed += 4
            reader.listen(cut_after=chance.randrange(1, 3_000), seconds=0.1)
            if chance.random() < 0.5:
                reader.catch_up(cut_after=chance.randrange(40))
            if chance.random() < 0.3:
                reader.catch_up()
        assert Turn.objects.get(pk=begun.answer.pk).is_writing
        engine.go_on()
        deadline = monotonic() + 30
        while reader.catch_up() == "writing":
            assert monotonic() < deadline
    reader.catch_up()

    kept = Turn.objects.get(pk=begun.answer.pk)
    hashes = {
        hashlib.sha256(text.encode()).hexdigest()
        for text in (reader.text, kept.text, "".join(written))
    }
    assert len(hashes) == 1
    receipt = Receipt.objects.get()
    assert receipt.state == Receipt.State.SETTLED
    assert receipt.tokens_out == count_tokens(kept.text)
    assert Hold.objects.get().state == Hold.State.SETTLED
    assert first_difference() is None
