import pytest
from django.test import Client

from atrium.chat import actions
from atrium.chat.models import Turn
from atrium.chat.quoted import cut_at
from atrium.engines.actions import offer_built_in
from atrium.engines.models import Model
from atrium.engines.protocol import Quote
from atrium.kit import clock
from atrium.people.models import User
from tests import make

pytestmark = pytest.mark.django_db
BROKEN = "Leaves are\n  green. <b>So</b> is grass."


@pytest.fixture
def answer(alice: User) -> Turn:
    """Alice's answer, which quotes the second of three passages."""
    offer_built_in()
    by, now = make.caller(alice), clock.now()
    document = make.document(by=alice, passages=["Bark is brown.", BROKEN, "Snow is white."])
    chat = actions.start_chat(by=by, at=now)
    actions.attach(chat=chat, documents=[document], at=now)
    model = Model.objects.get(slug="reader")
    begun = actions.begin_turn(by=by, chat=chat, text="Which?", model=model, key="k", at=now)
    second = document.passages.get(number=2)
    quote = Quote(1, second.pk, "Leaves are green.")
    actions.finish_turn(answer=begun.answer, text="Green. [1]", quotes=[quote], at=now)
    return begun.answer


def address(answer: Turn, number: int = 1) -> str:
    return f"/chat/turns/{answer.pk}/sources/{number}"


def test_the_quoted_words_are_marked_in_their_passage_between_its_neighbours(
    client: Client, alice: User, answer: Turn
) -> None:
    client.force_login(alice)
    said = client.get(address(answer)).content.decode()

    assert "<mark>Leaves are\n  green.</mark> &lt;b&gt;So&lt;/b&gt; is grass." in said
    assert said.index("Bark is brown.") < said.index("<mark>") < said.index("Snow is white.")
    assert f'href="/chat/{answer.chat_id}#turn-{answer.pk}"' in said


def test_the_answer_and_its_list_of_sources_lead_there(
    client: Client, alice: User, answer: Turn
) -> None:
    client.force_login(alice)
    said = client.get(f"/chat/{answer.chat_id}").content.decode()

    assert f'<a class="cite" href="{address(answer)}"' in said.replace("amp;", "")
    assert f'<a class="source" href="{address(answer)}"' in said


def test_htmx_gets_the_passage_alone(client: Client, alice: User, answer: Turn) -> None:
    client.force_login(alice)
    said = client.get(address(answer), headers={"HX-Request": "true"}).content.decode()

    assert "<mark>" in said
    assert "<html" not in said


def test_when_the_file_is_gone_the_quoted_words_are_left(
    client: Client, alice: User, answer: Turn
) -> None:
    answer.citations.update(passage=None)
    client.force_login(alice)
    said = client.get(address(answer)).content.decode()

    assert "<mark>Leaves are green.</mark>" in said
    assert "The file is not here any more" in said


def test_others_and_other_numbers_find_nothing(
    client: Client, alice: User, charlie: User, answer: Turn
) -> None:
    assert client.get(address(answer)).status_code == 404
    client.force_login(charlie)
    assert client.get(address(answer)).status_code == 404
    client.force_login(alice)
    assert client.get(address(answer, 2)).status_code == 404


@pytest.mark.once
def test_words_that_do_not_stand_in_a_text_mark_nothing_of_it() -> None:
    assert cut_at("One two three.", "two\n three.") == [("One ", False), ("two three.", True)]
    assert cut_at("One two.", "three") == [("One two.", False)]
    assert cut_at("One two.", " ") == [("One two.", False)]
    assert cut_at("a+b (c)", "b (c)") == [("a+", False), ("b (c)", True)]


def test_a_passage_with_a_page_is_shown_among_all_of_its_page(
    client: Client, alice: User, answer: Turn
) -> None:
    document = answer.citations.get().passage.document  # type: ignore[union-attr]
    document.passages.filter(number__in=[1, 2]).update(page=7)
    document.passages.filter(number=3).update(page=8)
    client.force_login(alice)
    said = client.get(address(answer)).content.decode()

    assert said.index("Bark is brown.") < said.index("<mark>")
    assert "Snow is white." not in said
