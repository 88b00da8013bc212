import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from atrium.chat.actions import abandon_turns, begin_turn
from atrium.chat.generation import Desk
from atrium.chat.models import Chat, Turn
from atrium.engines.protocol import EngineRefused, Piece, Quote, Text, Usage
from atrium.kit import clock
from atrium.ledger.models import Hold
from atrium.ledger.queries import first_difference
from atrium.metering.models import Receipt
from tests import make
from tests.chat import scripted
from tests.chat.scripted import Scripted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked() -> Turn:
    alice = make.person(username="alice")
    now = clock.now()
    chat = Chat.objects.create(person=alice, made_at=now, touched_at=now)
    by = make.caller(alice)
    return begin_turn(by=by, chat=chat, text="Why?", model=scripted.model(), at=now).answer


def write(
    answer: Turn, engine: Scripted, while_writing: Callable[[Desk], Awaitable[None]] | None = None
) -> Turn:
    """Have ``engine`` write the answer at a desk of its own, and return it as it ended."""

    async def at_a_desk() -> None:
        desk = Desk()
        await desk.open()
        try:
            task = asyncio.create_task(desk.write(answer.pk))
            if while_writing:
                await while_writing(desk)
            await task
        finally:
            await desk.close()

    with scripted.speaking(engine):
        asyncio.run(at_a_desk())
    return Turn.objects.select_related("receipt__hold").get(pk=answer.pk)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def receipt_of(turn: Turn) -> Receipt:
    assert turn.receipt is not None
    return turn.receipt


def test_what_is_shown_is_kept_and_charged(asked: Turn) -> None:
    pieces: list[Piece] = [Text("So "), Text("it is."), Usage(tokens_in=7, tokens_out=3)]

    written = write(asked, Scripted(pieces))

    assert (written.text, written.state) == ("So it is.", Turn.State.DONE)
    assert (receipt_of(written).tokens_in, receipt_of(written).tokens_out) == (7, 3)
    assert receipt_of(written).state == Receipt.State.SETTLED
    assert receipt_of(written).hold.state == Hold.State.SETTLED
    assert first_difference() is None


def test_stop_keeps_what_was_written_and_charges_for_that(asked: Turn) -> None:
    engine = Scripted([Text("So far."), Text(" Never.")], pause_after=1)

    async def stop(desk: Desk) -> None:
        await until(lambda: desk.text_of(asked.pk) == "So far.")
        desk.stop(asked.pk)

    written = write(asked, engine, stop)

    assert (written.text, written.state) == ("So far.", Turn.State.STOPPED)
    assert receipt_of(written).tokens_out == 2
    assert receipt_of(written).state == Receipt.State.SETTLED


def test_a_stop_before_the_first_word_is_not_lost(asked: Turn) -> None:
    async def begin_and_stop() -> None:
        desk = Desk()
        await desk.open()
        desk._begin_soon(asked.pk)
        desk.stop(asked.pk)
        await asyncio.sleep(0)
        await asyncio.gather(*desk._tasks)
        await desk.close()

    with scripted.speaking(Scripted([Text("Never.")], pause_after=0)):
        asyncio.run(begin_and_stop())

    written = Turn.objects.select_related("receipt").get(pk=asked.pk)
    assert (written.text, written.state) == ("", Turn.State.STOPPED)
    assert receipt_of(written).charged == 0


def test_trouble_before_the_first_word_costs_nothing(asked: Turn) -> None:
    written = write(asked, Scripted([], trouble=EngineRefused("The key is wrong.")))

    assert (written.state, written.failure) == (Turn.State.FAILED, "The key is wrong.")
    assert receipt_of(written).state == Receipt.State.RELEASED


def test_a_fault_in_the_middle_keeps_the_part(asked: Turn) -> None:
    written = write(asked, Scripted([Text("Half")], trouble=RuntimeError("boom")))

    assert (written.text, written.state) == ("Half", Turn.State.FAILED)
    assert "boom" not in written.failure
    assert receipt_of(written).state == Receipt.State.SETTLED


def test_closing_the_desk_settles_what_is_being_written(asked: Turn) -> None:
    engine = Scripted([Text("Part"), Text(" rest")], pause_after=1)

    async def leave(desk: Desk) -> None:
        desk._begin(asked.pk)
        await until(lambda: desk.text_of(asked.pk) == "Part")
        await desk.close()

    async def at_a_desk() -> None:
        desk = Desk()
        await desk.open()
        await leave(desk)

    with scripted.speaking(engine):
        asyncio.run(at_a_desk())

    written = Turn.objects.select_related("receipt").get(pk=asked.pk)
    assert (written.text, written.state) == ("Part", Turn.State.STOPPED)
    assert receipt_of(written).state == Receipt.State.SETTLED


def test_text_is_kept_while_it_is_being_written(asked: Turn) -> None:
    engine = Scripted([Text("So far."), Text(" Rest.")], pause_after=1)

    async def look(desk: Desk) -> None:
        await until(lambda: desk.text_of(asked.pk) == "So far.")
        await desk.save()
        kept = await Turn.objects.aget(pk=asked.pk)
        assert (kept.text, kept.state) == ("So far.", Turn.State.WRITING)
        engine.go_on()

    assert write(asked, engine, look).text == "So far. Rest."


def test_an_answer_whose_process_died_is_settled_for_what_was_kept(asked: Turn) -> None:
    assert asked.alive_until is not None
    Turn.objects.filter(pk=asked.pk).update(text="Kept before the crash.")

    assert abandon_turns(at=asked.alive_until) == 0
    assert abandon_turns(at=asked.alive_until + timedelta(seconds=1)) == 1

    ended = Turn.objects.select_related("receipt__hold").get(pk=asked.pk)
    assert (ended.state, ended.text) == (Turn.State.FAILED, "Kept before the crash.")
    assert receipt_of(ended).tokens_out == 6
    assert receipt_of(ended).hold.state == Hold.State.SETTLED


def test_a_quote_that_is_not_in_its_source_is_marked(asked: Turn) -> None:
    assert asked.chat.person is not None
    document = make.document(by=asked.chat.person, passages=["Leaves look green."])
    ref = document.passages.get().pk
    pieces: list[Piece] = [
        Text("x [1] [2]"),
        Quote(1, ref, "look green"),
        Quote(2, ref, "look red"),
    ]

    written = write(asked, Scripted(pieces))

    assert [(one.number, one.found) for one in written.citations.all()] == [(1, True), (2, False)]
