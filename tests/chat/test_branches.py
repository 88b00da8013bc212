from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connections

from atrium.chat import queries
from atrium.chat.actions import (
    StillWriting,
    TooManyVersions,
    answer_again,
    begin_turn,
    choose,
    finish_turn,
)
from atrium.chat.branches import end_of
from atrium.chat.models import Chat, Turn
from atrium.engines.actions import offer_built_in
from atrium.engines.models import Model
from atrium.events.models import StreamEvent
from atrium.kit import clock
from atrium.kit.errors import NotFound, Refusal
from atrium.kit.limits import LIMITS
from atrium.people.models import User
from tests import make
from tests.chat.said import asked, model, said_in


def shown(chat: Chat) -> list[str]:
    chat.refresh_from_db()
    return [turn.text for turn in queries.turns_of(chat).turns]


def again(answer: Turn, text: str) -> Turn:
    by, now = make.caller(answer.chat.person), clock.now()
    begun = answer_again(by=by, answer=answer, model=model(), at=now)
    finish_turn(answer=begun.answer, text=text, at=now)
    return begun.answer


def test_an_edited_question_begins_a_branch_and_the_other_one_stays(chat: Chat) -> None:
    asked(chat, "One?", "First.")
    second = asked(chat, "Two?", "Second.")
    assert second.parent is not None

    edited = asked(chat, "Two, please?", "Another.", edits=second.parent.pk)

    assert shown(chat) == ["One?", "First.", "Two, please?", "Another."]
    choose(turn=second.parent, at=clock.now())
    assert shown(chat) == ["One?", "First.", "Two?", "Second."]
    choose(turn=edited, at=clock.now())
    assert shown(chat)[-1] == "Another."


def test_the_first_question_is_edited_too(chat: Chat) -> None:
    first = asked(chat, "One?", "First.")
    assert first.parent is not None

    asked(chat, "Uno?", "Primo.", edits=first.parent.pk)

    assert shown(chat) == ["Uno?", "Primo."]
    question = queries.turns_of(chat).turns[0]
    assert (question.version, len(question.versions)) == (2, 2)
    assert (question.version_before, question.version_after) == (first.parent.pk, None)


def test_an_answer_is_written_again_and_each_version_has_a_receipt_of_its_own(chat: Chat) -> None:
    first = asked(chat, "One?", "First.")
    second = again(first, "Second.")
    third = again(second, "Third.")

    assert shown(chat) == ["One?", "Third."]
    assert queries.turns_of(chat).turns[1].versions == (first.pk, second.pk, third.pk)
    assert len({one.receipt_id for one in (first, second, third)}) == 3

    asked(chat, "And?", "So on.")
    choose(turn=first, at=clock.now())
    assert shown(chat) == ["One?", "First."]
    choose(turn=third, at=clock.now())
    assert shown(chat) == ["One?", "Third.", "And?", "So on."]


def test_the_engine_is_told_only_of_its_own_branch(chat: Chat) -> None:
    first = asked(chat, "One?", "First.")
    again(first, "Second.")
    following = asked(chat, "And?", "x", after=first.pk)

    found = Turn.objects.select_related("chat", "parent", "model").get(pk=following.pk)
    told = queries.question_for(found)

    assert [said.text for said in told.history] == ["One?", "First."]
    assert [said.role for said in told.history] == ["user", "assistant"]


def test_two_models_answer_side_by_side_until_one_is_chosen(chat: Chat) -> None:
    offer_built_in()
    first = asked(chat, "Why?", "So.", beside=Model.objects.get(slug="reader"))
    _question, answer = queries.turns_of(chat).turns
    (other,) = answer.others

    assert (answer.pk, answer.model, other.model) == (first.pk, model(), other.model)
    assert other.model != answer.model
    assert other.receipt_id != answer.receipt_id

    choose(turn=other, at=clock.now())
    chat.refresh_from_db()
    _question, answer = queries.turns_of(chat).turns
    assert (answer.pk, answer.others, answer.version) == (other.pk, (), 2)
    assert asked(chat, "And?").parent.parent_id == other.pk  # type: ignore[union-attr]


def test_going_on_without_choosing_goes_on_from_the_first(chat: Chat) -> None:
    offer_built_in()
    first = asked(chat, "Why?", "So.", beside=Model.objects.get(slug="reader"))

    assert asked(chat, "And?").parent.parent_id == first.pk  # type: ignore[union-attr]
    assert not Turn.objects.filter(beside=True).exists()


def test_two_answers_at_once_count_as_two(db: None) -> None:
    guest = make.guest()
    now = clock.now()
    offer_built_in()
    reader, by = Model.objects.get(slug="reader"), make.caller(guest)
    chat = Chat.objects.create(guest=guest, made_at=now, touched_at=now)
    other = Chat.objects.create(guest=guest, made_at=now, touched_at=now)
    begin_turn(by=by, chat=other, text="Why?", model=model(), at=now)

    with pytest.raises(Refusal) as refused:
        begin_turn(by=by, chat=chat, text="Why?", model=model(), beside=reader, at=now)

    assert refused.value.code == "too_many_answers"
    assert not chat.turns.exists()


@pytest.mark.parametrize("name", ["after", "edits"])
def test_a_turn_of_another_chat_is_no_place(chat: Chat, bob: User, name: str) -> None:
    now = clock.now()
    elsewhere = Chat.objects.create(person=bob, made_at=now, touched_at=now)
    answer = asked(elsewhere)
    assert answer.parent is not None
    place = answer.pk if name == "after" else answer.parent.pk

    for wrong in (place, uuid4()):
        with pytest.raises(NotFound):
            asked(chat, **{name: wrong})  # type: ignore[arg-type]
    assert not chat.turns.exists()


def test_while_an_answer_is_written_no_other_begins(chat: Chat) -> None:
    first = asked(chat)
    by, now = make.caller(chat.person), clock.now()
    begin_turn(by=by, chat=chat, text="And?", model=model(), at=now)

    with pytest.raises(StillWriting):
        answer_again(by=by, answer=first, model=model(), at=now)


def test_a_repeated_key_writes_one_more_and_no_second(chat: Chat) -> None:
    first = asked(chat)
    by, now = make.caller(chat.person), clock.now()
    begun = answer_again(by=by, answer=first, model=model(), key="k", at=now)
    repeated = answer_again(by=by, answer=first, model=model(), key="k", at=now)

    assert (repeated.answer, repeated.is_new) == (begun.answer, False)


def test_versions_are_bounded(chat: Chat) -> None:
    first = asked(chat)
    now = clock.now()
    Turn.objects.bulk_create(
        Turn(chat=chat, parent=first, role="asked", text="v", made_at=now, ended_at=now)
        for _number in range(LIMITS.versions_per_turn)
    )
    edited = chat.turns.filter(parent=first).values_list("pk", flat=True)[0]

    with pytest.raises(TooManyVersions):
        asked(chat, edits=edited)


def test_other_pages_hear_which_branch_is_shown(chat: Chat) -> None:
    first = asked(chat)
    again(first, "Again.")
    choose(turn=first, at=clock.now())
    choose(turn=first, at=clock.now())

    told = StreamEvent.objects.filter(kind="chat.chosen")
    assert [one.payload["end"] for one in told] == [str(first.pk)]


def test_whoever_knows_another_branch_is_given_this_one_anew(chat: Chat) -> None:
    first = asked(chat, "One?", "First.")
    second = again(first, "Second.")
    asked(chat, "And?", "So on.")

    assert [turn.text for turn in queries.turns_since(chat, second.pk).turns] == ["And?", "So on."]
    other = queries.turns_since(chat, first.pk)
    assert other.is_other
    assert [turn.text for turn in other.turns] == ["One?", "Second.", "And?", "So on."]


def test_a_chat_of_a_thousand_turns_is_read_from_its_end(chat: Chat) -> None:
    turns = said_in(chat, 1_000)
    seen: list[Turn] = []
    before = None
    while True:
        said = queries.turns_of(chat, before=before)
        seen = [*said.turns, *seen]
        before = said.first
        if not said.earlier:
            break

    assert [turn.pk for turn in seen] == [turn.pk for turn in turns]
    far = queries.turns_of(chat, until=turns[500].pk)
    assert (far.turns[0].pk, far.earlier) == (turns[500].pk, True)


@pytest.mark.django_db(transaction=True)
def test_branches_chosen_and_begun_at_once_leave_one_shown() -> None:
    alice: User = make.person(username="alice")
    now = clock.now()
    chat = Chat.objects.create(person=alice, made_at=now, touched_at=now)
    first = asked(chat, "One?", "First.")
    again(first, "Second.")
    together = Barrier(9)
    said: list[str] = []

    def choosing() -> None:
        together.wait()
        try:
            choose(turn=Turn.objects.select_related("chat").get(pk=first.pk), at=clock.now())
            said.append("chosen")
        finally:
            connections.close_all()

    def asking() -> None:
        together.wait()
        try:
            fresh = Chat.objects.get(pk=chat.pk)
            begun = begin_turn(
                by=make.caller(alice), chat=fresh, text="And?", model=model(), at=clock.now()
            )
            said.append(begun.answer.text)
        finally:
            connections.close_all()

    threads = [Thread(target=choosing) for _number in range(8)] + [Thread(target=asking)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(said) == 9
    chat.refresh_from_db()
    end = end_of(chat)
    assert end in set(Turn.objects.values_list("pk", flat=True))
    assert not Turn.objects.filter(parent=end).exists()
