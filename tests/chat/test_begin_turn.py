from threading import Barrier, Thread

import pytest
from django.db import connections

from atrium.chat.actions import (
    LONGEST_QUESTION,
    Begun,
    QuestionEmpty,
    QuestionTooLong,
    StillWriting,
    begin_turn,
    finish_turn,
)
from atrium.chat.models import Chat, Turn
from atrium.engines.models import Model
from atrium.events.models import StreamEvent
from atrium.kit import clock
from atrium.kit.errors import NotFound, Refusal
from atrium.ledger.actions import NotEnough
from atrium.ledger.models import Hold
from atrium.metering.models import Receipt
from atrium.people.models import User
from tests import make
from tests.chat import scripted


def ask(chat: Chat, text: str = "Why?", *, key: str = "") -> Begun:
    model = Model.objects.filter(slug=scripted.SLUG).first() or scripted.model()
    by = make.caller(chat.person)
    return begin_turn(by=by, chat=chat, text=text, model=model, key=key, at=clock.now())


def test_it_keeps_the_question_and_opens_an_answer_with_a_receipt(chat: Chat) -> None:
    question, answer, _new = ask(chat, "  Why are leaves green?\r\n ")

    assert question.text == "Why are leaves green?"
    assert (answer.parent, answer.state) == (question, Turn.State.WRITING)
    assert answer.receipt is not None
    assert answer.receipt.state == Receipt.State.OPEN
    assert answer.receipt.hold.state == Hold.State.HELD


def test_the_first_question_names_the_chat(chat: Chat) -> None:
    ask(chat, "Why are leaves green, and why do they turn yellow and red in the autumn of a year?")

    chat.refresh_from_db()
    assert chat.title == "Why are leaves green, and why do they turn yellow and red…"


def test_a_repeated_key_asks_once(chat: Chat) -> None:
    first = ask(chat, key="k")
    second = ask(chat, key="k")

    assert second == (first.question, first.answer, False)
    assert chat.turns.count() == 2


def test_the_next_question_waits_for_the_answer_before(chat: Chat) -> None:
    begun = ask(chat)
    with pytest.raises(StillWriting):
        ask(chat, "And?")

    finish_turn(answer=begun.answer, text="So.", at=clock.now())
    assert ask(chat, "And?").question.parent == begun.answer


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", QuestionEmpty),
        (" \n\t", QuestionEmpty),
        ("\x00", QuestionEmpty),
        ("x" * (LONGEST_QUESTION + 1), QuestionTooLong),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_kept(
    chat: Chat, text: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        ask(chat, text)

    assert not Turn.objects.exists()
    assert not Hold.objects.exists()


def test_who_cannot_pay_is_refused_and_nothing_is_kept(chat: Chat) -> None:
    scripted.model(output_price=1_000_000)

    with pytest.raises(NotEnough):
        ask(chat)

    assert not Turn.objects.exists()
    assert not StreamEvent.objects.exists()


def test_a_chat_in_the_trash_takes_no_question(chat: Chat) -> None:
    Chat.objects.update(deleted_at=clock.now())

    with pytest.raises(NotFound):
        ask(chat)


@pytest.mark.django_db(transaction=True)
def test_of_16_questions_at_once_one_is_asked() -> None:
    alice: User = make.person(username="alice")
    now = clock.now()
    chat = Chat.objects.create(person=alice, made_at=now, touched_at=now)
    model = scripted.model()
    said: list[str] = []
    together = Barrier(16)

    def one(number: int) -> None:
        together.wait()
        try:
            by = make.caller(alice)
            begin_turn(by=by, chat=chat, text=f"{number}?", model=model, at=clock.now())
            said.append("asked")
        except StillWriting:
            said.append("refused")
        finally:
            connections.close_all()

    threads = [Thread(target=one, args=[number]) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (said.count("asked"), said.count("refused")) == (1, 15)
