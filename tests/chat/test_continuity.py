"""A reader whose line is cut again and again reads exactly what is written, and pays once."""

import asyncio
import hashlib
import json
import random
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

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


class Reader:
    """Reads along as a page does: from the stream by offset, and what it missed from the row."""

    def __init__(self, address: str, cookie: str, turn: str) -> None:
        self.host = urlsplit(address).netloc
        self.cookie, self.turn, self.text = {"Cookie": cookie}, turn, ""
        self.doubles = self.gaps = 0

    def listen(self, cut_after: int, seconds: float) -> None:
        """Take what the stream brings until so many bytes came, then drop the line."""
        with (
            closing(HTTPConnection(self.host, timeout=seconds)) as line,
            suppress(OSError, HTTPException),
        ):
            line.request("GET", "/live", headers=self.cookie)
            for event in _events(line.getresponse(), cut_after, monotonic() + seconds):
                if event.get("kind") == "turn.text" and event["payload"]["turn"] == self.turn:
                    self._take(event["payload"]["at"], event["payload"]["text"])

    def catch_up(self, cut_after: int | None = None) -> str:
        """Ask for what is missing; an answer that is cut off is none. Return the state."""
        with closing(HTTPConnection(self.host, timeout=20)) as line:
            path = f"/chat/turns/{self.turn}/text?from={len(self.text)}"
            line.request("GET", path, headers=self.cookie)
            answer = line.getresponse()
            if cut_after is not None:
                answer.read(cut_after)
                return ""
            told = json.loads(answer.read())
            self._take(told["at"], told["text"])
            return str(told["state"])

    def _take(self, at: int, text: str) -> None:
        if at > len(self.text):
            self.gaps += 1  # the page asks for what is missing
            return
        self.doubles += at < len(self.text)
        self.text += text[len(self.text) - at :]


def _events(answer: HTTPResponse, most: int, until: float) -> list[dict[str, Any]]:
    seen = b""
    with suppress(OSError, HTTPException):
        while len(seen) < most and monotonic() < until:
            piece = answer.read1(min(512, most - len(seen)))
            if not piece:
                break
            seen += piece
    whole = seen.split(b"\n\n")[:-1]
    lines = [line for event in whole for line in event.split(b"\n")]
    return [json.loads(line[6:]) for line in lines if line.startswith(b"data: ")]


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
