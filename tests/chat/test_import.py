import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from atrium.chat.actions import begin_import, call_off_import
from atrium.chat.actions.imports import ImportTooLarge, ImportUnderWay
from atrium.chat.bringing import bring
from atrium.chat.models import Chat, Import, Turn
from atrium.chat.readers.shapes import chat_of
from atrium.engines.actions import offer_built_in
from atrium.files import storage
from atrium.jobs.inline import run_due
from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.people.models import User
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def _no_file_is_left() -> Iterator[None]:
    """Others leave some in the same place."""
    before = set(storage.every_name())
    yield
    assert set(storage.every_name()) == before


@pytest.fixture(autouse=True)
def _reader(transactional_db: None) -> None:
    offer_built_in()


@pytest.fixture
def alice() -> User:
    return make.person(username="alice")


def node(key: str, parent: str, role: str, *parts: str, **more: Any) -> dict[str, Any]:
    content = {"content_type": more.pop("kind", "text"), "parts": list(parts)}
    message = {"author": {"role": role}, "content": content, "create_time": 1_700_000_000, **more}
    return {"id": key, "message": message, "parent": parent}


CHATGPT = {
    "title": "Green leaves",
    "create_time": 1_700_000_000.5,
    "update_time": 1_700_000_100,
    "conversation_id": "c-1",
    "current_node": "a2",
    "mapping": {
        "root": {"id": "root", "message": None, "parent": None},
        "s": node("s", "root", "system", "You are a helper."),
        "q1": node("q1", "s", "user", "Why are leaves green?"),
        "think": node("think", "q1", "assistant", "hm", kind="thoughts"),
        "a1": node("a1", "think", "assistant", "I look.", metadata={"model_slug": "gpt-x"}),
        "tool": node("tool", "a1", "tool", "{}"),
        "a1b": node("a1b", "tool", "assistant", "Chlorophyll."),
        "q2": node("q2", "a1b", "user", "And bread?"),
        "a2": node("a2", "q2", "assistant", "Flour."),
        "a2b": node("a2b", "q2", "assistant", "Flour and water."),
    },
}
OPEN_WEBUI = {
    "id": "w-1",
    "title": "Bread",
    "pinned": True,
    "created_at": 1_700_000_000,
    "chat": {
        "history": {
            "currentId": "2",
            "messages": {
                "1": {"id": "1", "parentId": None, "role": "user", "content": "What is bread?"},
                "2": {
                    "id": "2",
                    "parentId": "1",
                    "role": "assistant",
                    "content": "Baked dough.",
                    "model": "llama",
                },
            },
        }
    },
}
LIBRECHAT = {
    "conversationId": "l-1",
    "title": "Water",
    "messages": [
        {
            "messageId": "1",
            "parentMessageId": "00000000-0000-0000-0000-000000000000",
            "isCreatedByUser": True,
            "text": "Is water wet?",
            "createdAt": "2024-01-01T00:00:00.000Z",
            "children": [
                {
                    "messageId": "2",
                    "isCreatedByUser": False,
                    "model": "gpt-y",
                    "content": [{"type": "text", "text": {"value": "It is."}}],
                }
            ],
        }
    ],
}


def brought(person: User, content: bytes, name: str = "conversations.json") -> Import:
    made = begin_import(person=person, name=name, source=[content], at=clock.now())
    run_due()
    made.refresh_from_db()
    return made


def as_zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member.replace("__", "."), content)
    return out.getvalue()


def test_chats_of_three_programs_come_with_their_branches(alice: User) -> None:
    every = json.dumps([CHATGPT, OPEN_WEBUI, LIBRECHAT]).encode()
    done = brought(alice, every)

    assert (done.state, done.brought, done.known, done.failure) == ("done", 3, 0, "")
    green = Chat.objects.get(title="Green leaves")
    said = {turn.text: turn for turn in green.turns.all()}
    assert set(said) == {
        "Why are leaves green?",
        "I look.\n\nChlorophyll.",
        "And bread?",
        "Flour.",
        "Flour and water.",
    }
    assert said["Flour."].parent == said["Flour and water."].parent == said["And bread?"]
    assert said["And bread?"].parent == said["I look.\n\nChlorophyll."]
    assert said["I look.\n\nChlorophyll."].elsewhere == "gpt-x"
    assert green.chosen == said["Flour."].pk
    assert green.made_at.year == 2023
    assert Turn.objects.get(text="Baked dough.").elsewhere == "llama"
    assert Turn.objects.get(text="It is.").parent == Turn.objects.get(text="Is water wet?")


def test_what_is_brought_twice_is_here_once_and_what_grew_is_added(alice: User, bob: User) -> None:
    first = brought(alice, as_zip(conversations__json=json.dumps([CHATGPT]).encode()))
    turns = Turn.objects.count()
    again = brought(alice, json.dumps([CHATGPT, CHATGPT]).encode())

    assert (first.brought, again.brought, again.known) == (1, 0, 2)
    assert (Chat.objects.count(), Turn.objects.count()) == (1, turns)

    more = json.loads(json.dumps(CHATGPT))
    more["mapping"]["q3"] = node("q3", "a2", "user", "And salt?")
    assert brought(alice, json.dumps([more]).encode()).known == 1
    assert Turn.objects.get(text="And salt?").parent == Turn.objects.get(text="Flour.")
    assert Turn.objects.count() == turns + 1
    assert brought(bob, json.dumps([CHATGPT]).encode()).brought == 1


def test_our_own_export_comes_back_as_it_was(client: Client, alice: User, bob: User) -> None:
    brought(alice, json.dumps([CHATGPT, OPEN_WEBUI]).encode())
    client.force_login(alice)
    answer = client.get("/chat/export/json")
    taken = b"".join(answer.streaming_content)  # type: ignore[attr-defined]

    here = brought(alice, taken, "atrium-chats.jsonl")
    assert (here.brought, here.known) == (0, 2), "they are all still here"
    there = brought(bob, taken, "atrium-chats.jsonl")
    assert (there.brought, there.known) == (2, 0)
    mine, theirs = (
        sorted(Turn.objects.filter(chat__person=one).values_list("text", flat=True))
        for one in (alice, bob)
    )
    assert mine == theirs


def test_a_brought_chat_is_shown_searched_and_gone_on_with(client: Client, alice: User) -> None:
    brought(alice, json.dumps([CHATGPT]).encode())
    client.force_login(alice)
    chat = Chat.objects.get()

    shown = client.get(f"/chat/{chat.pk}").content.decode()
    assert "gpt-x" in shown
    assert "Flour." in shown
    assert client.get("/chat/search", {"q": "chlorophyll"}).content.decode().count("<mark>") == 1
    assert client.post(f"/chat/{chat.pk}/turns", {"text": "And more?"}).status_code == 302
    assert client.get(f"/api/v1/chats/{chat.pk}").status_code == 200


DEEP = b"[" * 200_000
HOSTILE = {
    "not JSON": (b"<html></html>", "neither JSON"),
    "cut off": (json.dumps([CHATGPT]).encode()[:-40], "neither JSON"),
    "no UTF-8": (b'["\xff"]', "neither JSON"),
    "very deep": (b'[{"mapping": ' + DEEP, "nested too deeply"),
    "something else": (b'[{"hello": "world"}]', "no chats of"),
    "nothing": (b"[]", "no chats in this file"),
    "no zip": (b"PK\x03\x04garbage", "neither JSON"),
    "a bomb": (as_zip(conversations__json=b"[" + b" " * 300_000_000 + b"]"), "more than can be"),
}


@pytest.mark.usefixtures("_no_file_is_left")
@pytest.mark.parametrize("which", HOSTILE)
def test_a_hostile_file_is_refused_with_a_sentence(alice: User, which: str) -> None:
    content, said = HOSTILE[which]
    done = brought(alice, content)

    assert done.state == Import.State.FAILED
    assert said in done.failure
    assert done.storage_name == ""
    assert not Chat.objects.exists()


def test_fields_of_the_wrong_kind_break_nothing(alice: User) -> None:
    odd: list[Any] = [
        {"mapping": {"a": 1, "b": {"message": {"author": 5, "content": []}}}},
        {"chat": {"history": {"messages": [1]}, "messages": {"x": 1}}},
        {"conversationId": 5, "messages": [{"text": {"a": 1}, "children": "x"}]},
        {"format": "atrium-chat", "turns": [{"id": 1}, None, {"role": []}]},
        {"mapping": {"x": node("x", "x", "user", "Its own parent?")}, "create_time": 1e300},
        {
            "mapping": {
                "l": node("l", "m", "user", "A loop"),
                "m": node("m", "l", "user", "of two"),
                "ok": node("ok", "", "user", "Fine \0 here \ud800"),
            },
            "title": "T" * 5000,
            "id": "odd",
        },
    ]
    done = brought(alice, json.dumps(odd).encode())

    assert (done.state, done.failure) == ("done", "")
    assert set(Turn.objects.values_list("text", flat=True)) == {"Its own parent?", "Fine  here ?"}


@pytest.mark.usefixtures("_no_file_is_left")
def test_a_file_that_is_too_large_is_not_kept(alice: User) -> None:
    with pytest.raises(ImportTooLarge):
        begin_import(
            person=alice,
            name="x.json",
            source=(b"x" * 1_000_000 for _piece in range(LIMITS.import_bytes // 1_000_000 + 1)),
            at=clock.now(),
        )
    assert not Import.objects.exists()


@pytest.mark.usefixtures("_no_file_is_left")
def test_one_file_at_a_time_and_it_can_be_called_off(client: Client, alice: User) -> None:
    first = begin_import(person=alice, name="x.json", source=[b"[]"], at=clock.now())
    with pytest.raises(ImportUnderWay):
        begin_import(person=alice, name="y.json", source=[b"[]"], at=clock.now())
    client.force_login(alice)
    client.post(f"/chat/imports/{first.pk}/call-off")
    first.refresh_from_db()
    assert first.state == Import.State.CANCELLED
    call_off_import(imported=first, at=clock.now())


def test_a_second_try_goes_on_where_the_first_was_killed(alice: User) -> None:
    made = begin_import(
        person=alice,
        name="x.json",
        source=[json.dumps([CHATGPT, OPEN_WEBUI, LIBRECHAT]).encode()],
        at=clock.now(),
    )
    told = chat_of(CHATGPT)
    assert told
    bring(told, person=alice, at=clock.now())
    Import.objects.filter(pk=made.pk).update(taken=1, brought=1)

    run_due()

    made.refresh_from_db()
    assert (made.taken, made.brought, made.known) == (3, 3, 0)


def test_pages_and_api_bring_for_members_alone(client: Client, alice: User) -> None:
    assert client.get("/chat/imports").status_code == 302
    client.force_login(alice)
    file = SimpleUploadedFile("conversations.json", json.dumps([CHATGPT]).encode())
    client.post("/chat/imports", {"file": file})
    assert "Bringing in conversations.json" in client.get("/chat/imports").content.decode()
    run_due()
    assert "1 new chat" in client.get("/chat/imports").content.decode()

    begun = client.post(
        "/api/v1/chats/imports?name=w.json",
        json.dumps([OPEN_WEBUI]),
        content_type="application/octet-stream",
    )
    assert begun.status_code == 202, begun.content
    run_due()
    told = client.get(f"/api/v1/chats/imports/{begun.json()['id']}").json()
    assert (told["state"], told["brought"]) == ("done", 1)
    assert len(client.get("/api/v1/chats/imports").json()["items"]) == 2
