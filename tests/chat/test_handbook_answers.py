"""Reader without a file: it answers about the house, from the handbook."""

import asyncio

import pytest
from django.test import Client
from django.utils.translation import override

from atrium.chat import actions
from atrium.chat.generation import Desk
from atrium.chat.models import Citation, Turn
from atrium.engines.actions import offer_built_in
from atrium.engines.models import Model
from atrium.kit import clock
from atrium.people.models import User
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice() -> User:
    return make.person(username="alice")


def answered(alice: User, asked: str, *, passages: list[str] | None = None) -> Turn:
    offer_built_in()
    by, now = make.caller(alice), clock.now()
    chat = actions.start_chat(by=by, at=now)
    if passages:
        documents = [make.document(by=alice, passages=passages)]
        actions.attach(chat=chat, documents=documents, at=now)
    reader = Model.objects.get(slug="reader")
    begun = actions.begin_turn(by=by, chat=chat, text=asked, model=reader, at=now)

    async def write() -> None:
        desk = Desk()
        await desk.open()
        try:
            await desk.write(begun.answer.pk)
        finally:
            await desk.close()

    asyncio.run(write())
    return Turn.objects.get(pk=begun.answer.pk)


def test_it_quotes_the_handbook_and_each_quote_is_checked(alice: User) -> None:
    answer = answered(alice, "How do I connect a model?")

    assert answer.text.startswith("This is what the handbook says:")
    cited = list(answer.citations.all())
    assert cited[0].title == "Handbook: Connecting a model"
    assert cited[0].place == "In the console or by a command"
    assert cited[0].handbook == "en/models#connect/1"
    assert all(one.found for one in cited)


def test_it_does_so_in_the_language_of_who_asks(alice: User) -> None:
    with override("uk"):
        answer = answered(alice, "Що таке токен?")

    cited = answer.citations.first()
    assert cited is not None
    assert (cited.handbook, cited.found) == ("uk/receipts#tokens/1", True)


def test_the_passage_is_shown_with_its_words_marked_and_a_way_to_the_page(
    client: Client, alice: User
) -> None:
    answer = answered(alice, "What is a token?")
    client.force_login(alice)
    said = client.get(f"/chat/turns/{answer.pk}/sources/1").content.decode()

    assert "<mark>A token is a piece of a word" in said
    assert 'href="/handbook/receipts#tokens"' in said
    assert "not here any more" not in said


def test_what_the_handbook_says_no_longer_is_still_shown(client: Client, alice: User) -> None:
    answer = answered(alice, "What is a token?")
    Citation.objects.filter(turn=answer).update(handbook="en/receipts#gone/9")
    client.force_login(alice)

    said = client.get(f"/chat/turns/{answer.pk}/sources/1").content.decode()
    assert "<mark>A token is a piece of a word" in said


def test_a_question_that_it_does_not_answer_gets_an_honest_word(alice: User) -> None:
    answer = answered(alice, "What is the capital of France?")

    assert "I am Reader" in answer.text
    assert "[handbook](/handbook)" in answer.text
    assert not answer.citations.exists()


def test_where_a_file_was_given_the_handbook_is_not_asked(alice: User) -> None:
    answer = answered(alice, "What is a token?", passages=["Leaves are green."])

    assert "Nothing in your sources answers this" in answer.text
    assert not answer.citations.exists()
