"""Who signs in while an answer is being written reads the rest of it as the person."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from atrium.chat.actions import attach, begin_turn, start_chat
from atrium.chat.generation import Desk
from atrium.chat.models import Turn
from atrium.chat.queries import question_for
from atrium.engines.protocol import Text
from atrium.kit import bell, clock
from atrium.kit.carriers.silence import Silence
from atrium.kit.offload import offload
from atrium.people.actions import claim_guest
from atrium.people.models import Guest, User
from tests import make
from tests.chat import scripted
from tests.chat.scripted import Scripted

pytestmark = pytest.mark.django_db(transaction=True)


class Overheard(Silence):
    """Keeps to whom the pieces of text were whispered."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def send(self, topic: str, text: str) -> None:
        for audience, kind, payload in json.loads(text or "{}").get("whispers", ()):
            if kind == "turn.text":
                self.heard.append((audience, payload["text"]))


@pytest.fixture
def overheard() -> Iterator[Overheard]:
    carrier = Overheard()
    bell.use(carrier)
    yield carrier
    bell.use(None)


def asked_by(guest: Guest) -> Turn:
    by, now = make.caller(guest), clock.now()
    chat = start_chat(by=by, at=now)
    attach(chat=chat, documents=[make.document(by=guest, passages=["Leaves are green."])], at=now)
    text = "Why are leaves green?"
    return begin_turn(by=by, chat=chat, text=text, model=scripted.model(), at=now).answer


def test_the_rest_of_the_text_goes_to_who_signed_in(overheard: Overheard, alice: User) -> None:
    guest = make.guest()
    answer = asked_by(guest)
    engine = Scripted([Text("So "), Text("it is.")], pause_after=1)

    async def sign_in_meanwhile() -> None:
        desk = Desk()
        await desk.open()
        task = asyncio.create_task(desk.write(answer.pk))
        await _until(lambda: desk.text_of(answer.pk) == "So ")
        await offload(lambda: claim_guest(guest=guest, person=alice, at=clock.now()))
        desk._hear("moved", None)  # what the bell says; the saver finds out without it
        writing = desk._writing[answer.pk]
        await _until(lambda: writing.audiences == [f"person:{alice.pk}"])
        engine.go_on()
        await task
        await _until(lambda: len(overheard.heard) == 2)  # what is whispered travels together
        await desk.close()

    with scripted.speaking(engine):
        asyncio.run(sign_in_meanwhile())

    assert overheard.heard == [(f"guest:{guest.pk}", "So "), (f"person:{alice.pk}", "it is.")]


def test_the_saver_finds_out_when_the_bell_was_not_heard(alice: User) -> None:
    guest = make.guest()
    answer = asked_by(guest)
    engine = Scripted([Text("So "), Text("it is.")], pause_after=1)

    async def save_after_the_claim() -> None:
        desk = Desk()
        await desk.open()
        task = asyncio.create_task(desk.write(answer.pk))
        await _until(lambda: desk.text_of(answer.pk) == "So ")
        await offload(lambda: claim_guest(guest=guest, person=alice, at=clock.now()))
        await desk.save()
        assert desk._writing[answer.pk].audiences == [f"person:{alice.pk}"]
        engine.go_on()
        await task
        await desk.close()

    with scripted.speaking(engine):
        asyncio.run(save_after_the_claim())


def test_who_signs_in_while_the_files_are_read_is_answered_from_them(alice: User) -> None:
    guest = make.guest()
    answer = asked_by(guest)
    held = Turn.objects.select_related("chat", "parent").get(pk=answer.pk)

    claim_guest(guest=guest, person=alice, at=clock.now())

    assert [source.text for source in question_for(held).sources] == ["Leaves are green."]


async def _until(condition: object) -> None:
    assert callable(condition)
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)
