from threading import Barrier, Thread

import pytest
from django.db import connections

from atrium.chat.actions import (
    LEASE,
    LONGEST_QUESTION,
    Begun,
    QuestionEmpty,
    QuestionTooLong,
    StillWriting,
    TooManyAnswers,
    TooManyFiles,
    attach,
    begin_turn,
    finish_turn,
    start_chat,
)
from atrium.chat.models import Chat, Turn
from atrium.engines.models import Model
from atrium.events.models import StreamEvent
from atrium.kit import clock
from atrium.kit.errors import NotFound, Refusal
from atrium.kit.limits import LIMITS
from atrium.ledger.actions import NotEnough
from atrium.ledger.models import Hold
from atrium.metering.models import Receipt
from atrium.people.actions import claim_guest
from atrium.people.models import User
from atrium.sources.models import Document
from tests import make
from tests.chat import scripted


def ask(chat: Chat, text: str = "Why?", *, key: str = "") -> Begun:
    model = Model.objects.filter(slug=scripted.SLUG).first() or scripted.model()
    by = make.caller(chat.person)
    return begin_turn(by=by, chat=chat, text=text, model=model, key=key, at=clock.now())


def test_it_keeps_the_question_and_opens_an_answer_with_a_receipt(chat: Chat) -> None:
    question, answer, *_rest = ask(chat, "  Why are leaves green?\r\n ")

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

    assert second == (first.question, first.answer, False, None)
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
    make.spends_credits(chat.person)  # type: ignore[arg-type]

    with pytest.raises(NotEnough):
        ask(chat)

    assert not Turn.objects.exists()
    assert not StreamEvent.objects.exists()


def test_a_chat_in_the_trash_takes_no_question(chat: Chat) -> None:
    Chat.objects.update(deleted_at=clock.now())

    with pytest.raises(NotFound):
        ask(chat)


def test_a_guest_has_two_answers_written_at_once_and_no_third(db: None) -> None:
    guest = make.guest()
    by, now = make.caller(guest), clock.now()
    model = scripted.model()
    chats = [start_chat(by=by, at=now) for _number in range(LIMITS.answers_per_guest + 1)]
    begun = [begin_turn(by=by, chat=chat, text="Why?", model=model, at=now) for chat in chats[:-1]]

    with pytest.raises(TooManyAnswers) as refused:
        begin_turn(by=by, chat=chats[-1], text="Why?", model=model, at=now)
    assert (refused.value.limit, refused.value.used) == (2, 2)

    finish_turn(answer=begun[0].answer, text="So.", at=now)
    assert begin_turn(by=by, chat=chats[-1], text="Why?", model=model, at=now).is_new


def test_an_answer_whose_writer_is_dead_keeps_nobody_from_asking(alice: User) -> None:
    by, now = make.caller(alice), clock.now()
    model = scripted.model()
    for _number in range(LIMITS.answers_per_person):
        begin_turn(by=by, chat=start_chat(by=by, at=now), text="Why?", model=model, at=now)

    chat, later = start_chat(by=by, at=now), now + LEASE + LEASE
    assert begin_turn(by=by, chat=chat, text="Why?", model=model, at=later).is_new


def test_a_chat_quotes_a_bounded_number_of_files(chat: Chat, alice: User) -> None:
    file, now = make.kept_file(by=alice), clock.now()
    documents = Document.objects.bulk_create(
        Document(person=alice, file=file, title="a", made_at=now)
        for _number in range(LIMITS.files_per_chat + 1)
    )
    attach(chat=chat, documents=documents[:-1], at=now)

    with pytest.raises(TooManyFiles):
        attach(chat=chat, documents=documents, at=now)


def test_whoever_signs_in_while_it_is_written_hears_of_its_end(alice: User) -> None:
    """The end was told to the guest that nobody listens as any more."""
    guest, now = make.guest(), clock.now()
    by = make.caller(guest)
    chat = start_chat(by=by, at=now)
    answer = begin_turn(by=by, chat=chat, text="Why?", model=scripted.model(), at=now).answer
    assert answer.chat.audience == f"guest:{guest.pk}"  # and the writer holds it from here on

    claim_guest(guest=guest, person=alice, at=now)
    finish_turn(answer=answer, text="So.", at=now)

    assert StreamEvent.objects.filter(stream_id=f"person:{alice.pk}", kind="turn.ended").exists()


@pytest.mark.django_db(transaction=True)
def test_of_16_times_the_same_form_at_once_one_chat_comes() -> None:
    """Two clicks come at once; a look for what the first one did finds nothing yet."""
    alice: User = make.person(username="alice")
    model = scripted.model()
    said: list[tuple[object, object, bool]] = []
    together = Barrier(16)

    def one() -> None:
        together.wait()
        try:
            by, now = make.caller(alice), clock.now()
            chat = start_chat(by=by, key="k", at=now)
            begun = begin_turn(by=by, chat=chat, text="Why?", model=model, key="k", at=now)
            said.append((chat.pk, begun.answer.pk, begun.is_new))
        finally:
            connections.close_all()

    threads = [Thread(target=one) for _number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(said) == 16
    assert len({(chat, answer) for chat, answer, _new in said}) == 1
    assert [new for _chat, _answer, new in said].count(True) == 1
    assert Chat.objects.count() == 1


def test_a_key_opens_a_chat_of_its_own_for_each_who_uses_it(alice: User, bob: User) -> None:
    mine = start_chat(by=make.caller(alice), key="k", at=clock.now())
    his = start_chat(by=make.caller(bob), key="k", at=clock.now())

    assert mine != his
    assert (mine.person, his.person) == (alice, bob)


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
