from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from atrium.chat.actions import begin_turn, finish_turn
from atrium.chat.models import Chat, Turn
from atrium.engines.actions import offer_built_in
from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.people.models import Guest, User
from atrium.sources.models import Document
from tests import make
from tests.chat import scripted
from tests.chat.said import said_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _reader() -> None:
    offer_built_in()


@pytest.fixture
def chat_of_alice(alice: User) -> Chat:
    now = clock.now()
    return Chat.objects.create(person=alice, title="Leaves", made_at=now, touched_at=now)


def test_a_guest_asks_and_comes_to_the_chat(client: Client) -> None:
    answer = client.post("/chat/new", {"text": "Why are leaves green?", "key": str(uuid4())})

    chat = Chat.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/chat/{chat.pk}")
    assert chat.guest == Guest.objects.get()
    assert "Why are leaves green?" in client.get(answer["Location"]).content.decode()


def test_the_same_form_sent_twice_opens_one_chat(client: Client) -> None:
    form = {"text": "Why?", "key": str(uuid4())}
    client.post("/chat/new", form)
    client.post("/chat/new", form)

    assert Chat.objects.count() == 1


def test_a_file_comes_with_the_question_without_any_script(client: Client) -> None:
    file = SimpleUploadedFile("leaves.txt", b"Leaves are green.", "text/plain")
    client.post("/chat/new", {"text": "Why?", "file": file})

    assert Document.objects.get().title == "leaves.txt"
    assert Chat.objects.get().attachments.count() == 1


def test_an_empty_question_is_refused_and_opens_nothing(client: Client) -> None:
    answer = client.post("/chat/new", {"text": " "})

    assert answer.status_code == 422
    assert "Write a question first." in answer.content.decode()
    assert not Chat.objects.exists()


def test_htmx_gets_the_two_turns_and_a_fresh_key(
    client: Client, alice: User, chat_of_alice: Chat
) -> None:
    client.force_login(alice)

    answer = client.post(
        f"/chat/{chat_of_alice.pk}/turns", {"text": "Why?"}, headers={"HX-Request": "true"}
    )

    body = answer.content.decode()
    assert "<title>" not in body
    assert body.count("<article") == 2
    assert "composer-key" in body


@pytest.mark.parametrize(
    "address", ["chat/{chat}", "chat/{chat}/documents", "chat/{chat}/since", "chat/turns/{turn}"]
)
def test_a_stranger_finds_nothing(
    client: Client, charlie: User, chat_of_alice: Chat, address: str
) -> None:
    now = clock.now()
    turn = Turn.objects.create(
        chat=chat_of_alice, role=Turn.Role.ASKED, text="x", made_at=now, ended_at=now
    )
    client.force_login(charlie)

    answer = client.get("/" + address.format(chat=chat_of_alice.pk, turn=turn.pk))

    assert answer.status_code == 404


def test_rename_delete_and_restore(client: Client, alice: User, chat_of_alice: Chat) -> None:
    client.force_login(alice)
    address = f"/chat/{chat_of_alice.pk}"

    client.post(f"{address}/rename", {"title": "  Green   leaves "})
    client.post(f"{address}/delete")
    assert client.get(address).status_code == 404
    assert "Green leaves" in client.get("/chat?trash").content.decode()

    client.post(f"{address}/restore")
    assert client.get(address).status_code == 200


def test_a_long_chat_is_shown_a_page_at_a_time(
    client: Client, alice: User, chat_of_alice: Chat
) -> None:
    client.force_login(alice)
    turns = said_in(chat_of_alice, LIMITS.turns + 5)

    last = client.get(f"/chat/{chat_of_alice.pk}").content.decode()
    assert last.count("<article") == LIMITS.turns
    assert (turns[4].text in last, turns[5].text in last) == (False, True)

    earlier = f"?before={turns[5].pk}"
    assert earlier in last
    first = client.get(f"/chat/{chat_of_alice.pk}{earlier}").content.decode()
    assert first.count("<article") == 5
    assert "?before=" not in first

    since = f"/chat/{chat_of_alice.pk}/since?after="
    assert client.get(f"{since}{turns[-2].pk}").content.decode().count("<article") == 1
    assert client.get(f"{since}{turns[0].pk}").content.decode().count("<article") == LIMITS.turns


@pytest.mark.parametrize("asked_from", ["9" * 5_000, "-1", "१२", "", "1e3"])
def test_the_text_from_a_number_that_is_none_is_all_of_it_or_nothing(
    client: Client, alice: User, chat_of_alice: Chat, asked_from: str
) -> None:
    client.force_login(alice)
    by, now = make.caller(alice), clock.now()
    model = scripted.model()
    answer = begin_turn(by=by, chat=chat_of_alice, text="Why?", model=model, at=now).answer
    finish_turn(answer=answer, text="Because.", at=now)

    found = client.get(f"/chat/turns/{answer.pk}/text", {"from": asked_from})

    assert found.status_code == 200
    assert found.json()["text"] == "Because."


def test_the_same_form_sent_twice_with_a_file_attaches_it_once(client: Client) -> None:
    form = {"text": "Why?", "key": str(uuid4())}
    for _time in range(2):
        file = SimpleUploadedFile("leaves.txt", b"Leaves are green.", "text/plain")
        client.post("/chat/new", {**form, "file": file})

    assert Chat.objects.get().attachments.count() == 1
