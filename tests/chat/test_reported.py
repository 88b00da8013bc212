from typing import Any

import pytest
from django.test import Client

from atrium.chat import actions, queries
from atrium.chat.models import Citation, Turn
from atrium.chat.reportable import KIND
from atrium.engines.actions import offer_built_in
from atrium.engines.models import Model
from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.moderation.actions import break_glass, report, uphold
from atrium.moderation.models import Report
from atrium.moderation.registry import kind_of
from atrium.notifications.models import Notification
from atrium.people.models import User
from tests import make


def ask(person: User, chat: Any, text: str, answer: str) -> Turn:
    told = {"by": make.caller(person), "chat": chat, "text": text, "key": text}
    model = Model.objects.get(slug="reader")
    begun = actions.begin_turn(**told, model=model, at=clock.now())
    actions.finish_turn(answer=begun.answer, text=answer, at=clock.now())
    return Turn.objects.get(pk=begun.answer.pk)


@pytest.fixture
def answer(alice: User) -> Turn:
    offer_built_in()
    chat = actions.start_chat(by=make.caller(alice), at=clock.now())
    said = ask(alice, chat, "How are leaves?", "A planted insult.")
    Citation.objects.create(
        turn=said, number=1, title="garden.txt", words="A planted word.", found=True
    )
    return said


@pytest.fixture
def reported(alice: User, answer: Turn) -> Report:
    by = make.caller(alice)
    return report(by=by, kind=KIND, thing_id=answer.pk, category="other", at=clock.now())


def hide(reported: Report) -> None:
    told = {"measure": "hide", "statement": "It insults."}
    uphold(report=reported, by=make.admin(), at=clock.now(), **told)  # type: ignore[arg-type]


def test_a_hidden_answer_is_shown_nowhere(
    client: Client, alice: User, answer: Turn, reported: Report
) -> None:
    hide(reported)
    client.force_login(alice)

    for where in (
        f"/chat/{answer.chat_id}",
        f"/chat/turns/{answer.pk}",
        f"/chat/turns/{answer.pk}/text",
        f"/api/v1/chats/{answer.chat_id}",
        f"/api/v1/chats/turns/{answer.pk}",
    ):
        shown = client.get(where)
        assert shown.status_code == 200
        assert "planted" not in shown.content.decode(), where
    assert client.get(f"/chat/turns/{answer.pk}/sources/1").status_code == 404
    told = client.get(f"/api/v1/chats/turns/{answer.pk}").json()
    assert told["hidden_at"]
    assert told["citations"] == []


def test_no_model_is_told_what_is_hidden(alice: User, answer: Turn, reported: Report) -> None:
    hide(reported)
    Model.objects.update(quotes_only=False)  # one that is given what was said
    following = ask(alice, answer.chat, "And now?", "Well.")

    question = queries.question_for(following)

    assert [one.text for one in question.history] == ["How are leaves?"]


def test_what_is_hidden_is_not_reported_again_and_comes_back_when_undone(
    alice: User, answer: Turn, reported: Report
) -> None:
    hide(reported)
    with pytest.raises(NotFound):
        report(
            by=make.caller(alice),
            kind=KIND,
            thing_id=answer.pk,
            category="spam",
            at=clock.now(),
        )

    kind = kind_of(KIND)
    assert kind
    assert kind.restore
    assert kind.restore(answer.pk, at=clock.now())
    assert Turn.objects.get(pk=answer.pk).said == "A planted insult."


def test_whose_chat_it_is_learns_that_a_moderator_looked_around(
    alice: User, answer: Turn, reported: Report
) -> None:
    ask(alice, answer.chat, "Something private?", "Yes.")
    assert "private" not in reported.excerpt
    mira = make.person(staff_areas=["moderation"])

    break_glass(report=reported, by=mira, reason="The answer alone.", at=clock.now())

    told = Notification.objects.get(person=alice, kind="moderation.opened")
    assert told.params["reason"] == "The answer alone."
    kind = kind_of(KIND)
    assert kind
    assert kind.around
    around = kind.around(answer.pk)
    assert around
    assert "Something private?" in "\n".join(around.lines)
    assert around.persons == (alice,)
