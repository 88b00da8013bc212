import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.test import Client

from atrium.chat.actions import begin_turn, finish_turn, rename_chat, start_chat
from atrium.chat.models import Chat, Turn
from atrium.engines.actions import offer_built_in
from atrium.kit import clock
from atrium.options.actions import set_option
from atrium.people.models import User
from tests import make
from tests.chat import scripted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _reader(db: None) -> None:
    offer_built_in()


@pytest.fixture
def said(chat: Chat, alice: User) -> Turn:
    begun = begin_turn(
        by=make.caller(alice), chat=chat, text="Why <b>?", model=scripted.model(), at=clock.now()
    )
    finish_turn(
        answer=begun.answer,
        text="Because **so**. <script>x</script> ![p](https://evil.example/p.png)",
        at=clock.now(),
    )
    return begun.answer


def taken(client: Client, address: str) -> tuple[bytes, str]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content), answer["Content-Disposition"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "title", ["../../etc/passwd", 'a"; filename="x.exe', "con", "Зелене листя\r\nX: y", "a" * 200]
)
def test_a_file_has_a_name_that_every_system_can_keep(
    client: Client, chat: Chat, alice: User, said: Turn, title: str
) -> None:
    rename_chat(chat=chat, title=title, at=clock.now())
    client.force_login(alice)

    _body, how = taken(client, f"/chat/{chat.pk}/export/markdown")
    assert how.startswith("attachment; ")
    name = how.split('"')[1]
    assert not set(name) & set('/\\"\r\n;:')
    assert len(name) < 130

    body, _how = taken(client, "/chat/export/markdown")
    (inside,) = zipfile.ZipFile(io.BytesIO(body)).namelist()
    assert "/" not in inside
    assert inside.endswith(".md")


def test_markdown_and_html_have_the_branch_that_is_shown(
    client: Client, chat: Chat, alice: User, said: Turn
) -> None:
    client.force_login(alice)

    text = taken(client, f"/chat/{chat.pk}/export/markdown")[0].decode()
    assert "## Question\n\nWhy <b>?" in text
    assert "Because **so**." in text
    page = taken(client, f"/chat/{chat.pk}/export/html")[0].decode()
    assert "Why &lt;b&gt;?" in page
    assert "<strong>so</strong>" in page
    assert "<script" not in page
    assert "<img" not in page


def test_json_has_every_branch(client: Client, chat: Chat, alice: User, said: Turn) -> None:
    client.force_login(alice)

    told = json.loads(taken(client, f"/chat/{chat.pk}/export/json")[0])
    assert (told["format"], told["version"]) == ("atrium-chat", 1)
    assert [(one["role"], one["parent"]) for one in told["turns"]] == [
        ("asked", None),
        ("answered", told["turns"][0]["id"]),
    ]


def test_all_chats_come_in_one_file_and_nobody_elses(
    client: Client, chat: Chat, alice: User, bob: User, said: Turn
) -> None:
    now = clock.now()
    for number in range(3):
        rename_chat(
            chat=start_chat(by=make.caller(alice), at=now), title=f"The same {number % 2}", at=now
        )
    start_chat(by=make.caller(bob), at=now)
    client.force_login(alice)

    lines = taken(client, "/chat/export/json")[0].decode().splitlines()
    assert len([json.loads(line) for line in lines]) == 4
    body, _how = taken(client, "/chat/export/html")
    names = zipfile.ZipFile(io.BytesIO(body)).namelist()
    assert len(set(names)) == 4
    client.force_login(bob)
    assert len(taken(client, "/chat/export/json")[0].decode().splitlines()) == 1
    assert client.get(f"/chat/{chat.pk}/export/json").status_code == 404
    assert client.get("/chat/export/exe").status_code == 404
    assert taken(client, "/api/v1/chats/export/json")[0].count(b"\n") == 1
    assert client.get(f"/api/v1/chats/{chat.pk}/export/json").status_code == 404


def test_what_moderators_hid_is_not_taken_away(
    client: Client, chat: Chat, alice: User, said: Turn
) -> None:
    Turn.objects.filter(pk=said.pk).update(hidden_at=clock.now())
    client.force_login(alice)
    for form in ("markdown", "html", "json"):
        assert b"Because" not in taken(client, f"/chat/{chat.pk}/export/{form}")[0]


def test_a_guests_silent_chat_ends_and_can_be_downloaded(client: Client) -> None:
    client.post("/chat/new", {"text": "Why?"})
    chat = Chat.objects.get()
    Turn.objects.filter(state="writing").update(state="done", ended_at=clock.now(), text="So.")
    Chat.objects.update(touched_at=clock.now() - timedelta(hours=25))

    refused = client.post(f"/chat/{chat.pk}/turns", {"text": "And?"})
    assert refused.status_code == 409
    shown = client.get(f"/chat/{chat.pk}").content.decode()
    assert "This chat has ended" in shown
    assert 'action="/chat/new"' in shown
    assert b"Why?" in taken(client, f"/chat/{chat.pk}/export/markdown")[0]

    set_option(key="chat.guest_idle_hours", text="0", by="system", at=clock.now())
    assert "This chat has ended" not in client.get(f"/chat/{chat.pk}").content.decode()


def test_a_members_chat_never_ends(chat: Chat, alice: User) -> None:
    Chat.objects.update(touched_at=clock.now() - timedelta(days=999))
    chat.refresh_from_db()
    assert begin_turn(
        by=make.caller(alice), chat=chat, text="Why?", model=scripted.model(), at=clock.now()
    ).is_new
