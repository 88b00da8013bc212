"""The pages and operations about shared copies."""

import json
from typing import Any

import pytest
from django.test import Client

from atrium.chat.actions import attach, share_chat
from atrium.chat.copies import path_to
from atrium.chat.models import Chat, Fork, SharedCopy, Turn
from atrium.engines.actions import offer_built_in
from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.options.actions import set_option
from atrium.people.models import User
from tests import make
from tests.chat.spoken import answers_of, chat_that_says, cite
from tests.house import corpus
from tests.house.injections import FOREIGN, PAYLOADS
from tests.house.markup import intruders

pytestmark = pytest.mark.django_db


def shared(owner: User, *said: tuple[str, str], **fields: Any) -> SharedCopy:
    told = {"by": make.caller(owner), "at": clock.now(), **fields}
    return share_chat(chat=chat_that_says(owner, *said), **told)


def public() -> None:
    set_option(key="chat.shared_copies", text="public", by="system", at=clock.now())


def page_of(client: Client, copy: SharedCopy) -> str:
    answer = client.get(path_to(copy))
    assert answer.status_code == 200
    return answer.content.decode()


# Its owner


def test_a_chat_is_shared_changed_and_ended_on_its_page(client: Client, alice: User) -> None:
    chat = chat_that_says(alice)
    document = make.document(by=alice)
    attach(chat=chat, documents=[document], at=clock.now())
    client.force_login(alice)
    where = f"/chat/{chat.pk}/share"
    assert "Make a link" in client.get(where).content.decode()

    assert client.post(where, {"lasts": "day", "documents": str(document.pk)}).status_code == 302

    copy = SharedCopy.objects.get()
    assert path_to(copy) in client.get(where).content.decode()
    assert copy.files.count() == 1
    fragment = client.post(where, {"lasts": "never"}, headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()
    assert path_to(copy) in fragment.content.decode()
    assert copy.files.count() == 0
    assert path_to(copy) in client.get("/chat/shares").content.decode()

    client.post(f"{where}/end")
    assert client.get(path_to(copy)).status_code == 410
    assert path_to(copy) not in client.get("/chat/shares").content.decode()


def test_what_is_no_chat_of_ones_own_is_not_there(client: Client, alice: User, bob: User) -> None:
    chat = chat_that_says(alice)
    client.force_login(bob)
    for where in (f"/chat/{chat.pk}/share", f"/chat/{chat.pk}/share/end"):
        assert client.post(where).status_code == 404
    for method in ("get", "put", "delete"):
        ask = getattr(client, method)
        sent = {"data": "{}", "content_type": "application/json"} if method == "put" else {}
        assert ask(f"/api/v1/chats/{chat.pk}/share", **sent).status_code == 404
    assert not SharedCopy.objects.exists()


def test_all_links_are_ended_on_one_page(client: Client, alice: User) -> None:
    copies = [shared(alice) for _number in range(3)]
    client.force_login(alice)
    client.post("/chat/shares/end")
    assert {client.get(path_to(copy)).status_code for copy in copies} == {410}


# Whoever has the link


def test_a_stranger_reads_it_and_learns_nothing_of_its_owner(client: Client) -> None:
    dora = make.person(username="dora-the-owner", display_name="Dora Dunn", email="d@x.example")
    copy = shared(dora)

    answer = client.get(path_to(copy))

    said = answer.content.decode()
    assert "<strong>chlorophyll</strong>" in said
    assert "Dora" not in said
    assert "dora-the-owner" not in said
    assert str(dora.pk) not in said
    assert str(copy.chat_id) not in said
    assert answer["Cache-Control"] == "no-store"
    assert "noindex" in answer["X-Robots-Tag"]
    assert 'content="noindex' in said
    assert "og:" not in said
    assert set(answer.cookies) == {"csrf"}  # nobody is made a guest for reading


def test_a_public_one_may_be_found_and_says_what_it_is(client: Client, alice: User) -> None:
    public()
    copy = shared(alice, is_listed=True)
    assert path_to(copy) in client.get("/shared").content.decode()
    answer = client.get(path_to(copy))
    said = answer.content.decode()
    assert "X-Robots-Tag" not in answer
    assert '<meta property="og:title" content="Leaves">' in said
    assert "noindex" not in said


def test_without_a_list_there_is_no_page_of_it(client: Client, alice: User) -> None:
    shared(alice)
    assert client.get("/shared").status_code == 404
    public()
    assert "Leaves" not in client.get("/shared").content.decode()


def test_a_wrong_link_is_not_there_and_an_ended_one_says_so(client: Client, alice: User) -> None:
    copy = shared(alice)
    path = path_to(copy)
    texts = {
        client.get(wrong).content.decode()
        for wrong in (f"{path[:-1]}", f"{path}x", "/shared/atr_share_x", "/shared/x")
    }
    assert len(texts) == 1
    assert client.get(f"{path}x").status_code == 404
    SharedCopy.objects.update(revoked_at=clock.now())
    gone = client.get(path)
    assert gone.status_code == 410
    assert "not shared any more" in gone.content.decode()
    assert gone["Cache-Control"] == "no-store"
    assert client.post(f"{path}/continue").status_code == 410


def test_views_count_whoever_opens_it_but_its_owner(client: Client, alice: User) -> None:
    copy = shared(alice)
    client.get(path_to(copy))
    client.head(path_to(copy))
    client.get(f"{path_to(copy)}?after=1")
    client.force_login(alice)
    client.get(path_to(copy))
    copy.refresh_from_db()
    assert copy.views == 1


def test_a_long_one_has_pages(client: Client, alice: User) -> None:
    copy = shared(alice, *[(f"Question {n}.", f"Answer {n}.") for n in range(LIMITS.turns)])
    first = page_of(client, copy)
    assert "Answer 0." in first
    assert f"Answer {LIMITS.turns - 1}." not in first
    rest = client.get(f"{path_to(copy)}?after={LIMITS.turns}").content.decode()
    assert f"Answer {LIMITS.turns - 1}." in rest


def test_a_file_is_sent_when_it_was_chosen_and_only_then(client: Client, alice: User) -> None:
    chat = chat_that_says(alice)
    chosen, other = make.document(by=alice), make.document(by=alice)
    attach(chat=chat, documents=[chosen, other], at=clock.now())
    told = {"by": make.caller(alice), "at": clock.now()}
    copy = share_chat(chat=chat, documents=[chosen.pk], **told)  # type: ignore[arg-type]
    cite(answers_of(chat)[0], other)

    sent = client.get(f"{path_to(copy)}/files/1")
    assert sent.status_code == 200
    assert sent["Content-Disposition"].startswith('attachment; filename="notes.txt"')
    assert "no-store" in sent["Cache-Control"]
    assert client.get(f"{path_to(copy)}/files/2").status_code == 404
    assert client.get(f"/files/{chosen.file_id}/content").status_code == 404
    SharedCopy.objects.update(revoked_at=clock.now())
    assert client.get(f"{path_to(copy)}/files/1").status_code == 410


def test_a_stranger_goes_on_as_a_guest(client: Client, alice: User) -> None:
    offer_built_in()
    copy = shared(alice)
    answer = client.post(f"{path_to(copy)}/continue", {"key": str(copy.pk)})

    chat = Chat.objects.get(fork__copy=copy)
    assert answer["Location"] == f"/chat/{chat.pk}"
    assert chat.guest is not None
    shown = client.get(f"/chat/{chat.pk}").content.decode()
    assert "From a shared chat" in shown
    assert "Because of" in shown
    SharedCopy.objects.all().delete()
    assert "From a shared chat" in client.get(f"/chat/{chat.pk}").content.decode()


def test_it_is_reported_from_its_page(client: Client, alice: User, bob: User) -> None:
    copy = shared(alice)
    report = f"/report/shared-copy/{copy.reported_as}"
    assert report in page_of(client, copy)
    client.force_login(bob)
    assert client.get(report).status_code == 200
    assert client.post(report, {"category": "spam"}).status_code == 302
    assert client.get(f"/report/shared-copy/{copy.pk}").status_code == 404


# Hostile words


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_injection_asks_a_foreign_address(client: Client, alice: User, payload: str) -> None:
    public()
    copy = shared(alice, (payload, payload), is_listed=True)
    SharedCopy.objects.update(title=payload[:200])
    for said in (page_of(client, copy), client.get("/shared").content.decode()):
        assert f'src="https://{FOREIGN}' not in said
        assert [one for one in intruders(said) if FOREIGN in one.lower()] == []


def test_hostile_texts_are_text(client: Client, alice: User) -> None:
    public()
    for text in corpus.MARKUP:
        copy = shared(alice, (text, text), is_listed=True)
        source = {"number": 1, "title": text, "place": text, "words": text, "found": True}
        copy.turns.filter(is_answer=True).update(sources=[source], speaker=text[:100])
        SharedCopy.objects.filter(pk=copy.pk).update(title=text[:200])
        assert intruders(page_of(client, copy)) == []
    assert intruders(client.get("/shared").content.decode()) == []


# Programs


def test_programs_share_read_and_go_on(client: Client, alice: User, bob: User) -> None:
    chat = chat_that_says(alice)
    client.force_login(alice)
    assert client.get(f"/api/v1/chats/{chat.pk}/share").status_code == 404
    made = client.put(
        f"/api/v1/chats/{chat.pk}/share", json.dumps({"lasts": "week"}), "application/json"
    ).json()
    assert made["chat"] == str(chat.pk)
    assert client.get("/api/v1/chats/shares").json()["items"] == [made]
    token = made["url"].rpartition("/")[2]

    stranger = Client()
    read = stranger.get(f"/api/v1/chats/shared/{token}").json()
    assert [turn["text"] for turn in read["turns"]][1] == "Because of **chlorophyll**."
    assert stranger.get("/api/v1/chats/shared").json()["items"] == []

    stranger.force_login(bob)
    fork = stranger.post(f"/api/v1/chats/shared/{token}/fork")
    assert fork.status_code == 201
    assert Fork.objects.get().chat.person == bob
    assert Turn.objects.filter(chat=fork.json()["id"]).count() == 2

    assert client.delete(f"/api/v1/chats/{chat.pk}/share").status_code == 204
    assert stranger.get(f"/api/v1/chats/shared/{token}").status_code == 410
    assert client.delete("/api/v1/chats/shares").json() == {"ended": 0}
