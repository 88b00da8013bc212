import json

import pytest
from django.test import Client

from atrium.chat import keeping
from atrium.chat.actions import (
    InstructionsTooLong,
    NoSuchFolder,
    TooManyFolders,
    TooManyPins,
    change_folder,
    delete_folder,
    make_folder,
    move_chat,
    pin_chat,
    start_chat,
)
from atrium.chat.models import Chat, Folder
from atrium.kit import clock
from atrium.kit.errors import Unprocessable
from atrium.kit.limits import LIMITS
from atrium.people.actions import claim_guest, undo_claim
from atrium.people.models import User
from tests import make

pytestmark = pytest.mark.django_db


def folder(owner: User, title: str = "Garden", **fields: str) -> Folder:
    return make_folder(by=make.caller(owner), title=title, at=clock.now(), **fields)


def test_a_chat_is_in_one_folder_at_most_and_the_folder_speaks_for_it(
    chat: Chat, alice: User
) -> None:
    garden = folder(alice, instructions="Answer in two sentences.")
    assert move_chat(chat=chat, folder=garden)
    chat.refresh_from_db()
    assert keeping.instructions_for(chat) == "Answer in two sentences."

    move_chat(chat=chat, folder=folder(alice, "Kitchen"))
    chat.refresh_from_db()
    assert keeping.instructions_for(chat) == ""


def test_a_deleted_folder_leaves_its_chats(chat: Chat, alice: User) -> None:
    garden = folder(alice)
    move_chat(chat=chat, folder=garden)

    assert delete_folder(folder=garden) == 1

    chat.refresh_from_db()
    assert chat.folder is None


def test_nobody_moves_a_chat_into_the_folder_of_another(chat: Chat, bob: User) -> None:
    with pytest.raises(NoSuchFolder):
        move_chat(chat=chat, folder=folder(bob))


def test_names_and_instructions_have_their_bounds(alice: User) -> None:
    garden = folder(alice)
    with pytest.raises(Unprocessable):
        change_folder(folder=garden, title="  ")
    with pytest.raises(InstructionsTooLong):
        change_folder(folder=garden, instructions="x" * (LIMITS.folder_instruction_characters + 1))
    changed = change_folder(folder=garden, title="  My  garden ", instructions=" Be brief. ")
    assert (changed.title, changed.instructions) == ("My garden", "Be brief.")


def test_there_are_only_so_many_folders_and_pins(chat: Chat, alice: User) -> None:
    now = clock.now()
    Folder.objects.bulk_create(
        Folder(person=alice, title=str(number), made_at=now)
        for number in range(LIMITS.folders_per_person)
    )
    with pytest.raises(TooManyFolders):
        folder(alice)
    Chat.objects.bulk_create(
        Chat(person=alice, made_at=now, touched_at=now, pinned_at=now)
        for _number in range(LIMITS.pinned_chats)
    )
    with pytest.raises(TooManyPins):
        pin_chat(chat=chat, by=make.caller(alice), at=now)
    chat.refresh_from_db()
    assert chat.pinned_at is None


def test_an_undone_claim_parts_chats_from_folders_of_others(alice: User) -> None:
    now = clock.now()
    guest = make.guest()
    theirs = start_chat(by=make.caller(guest), at=now)
    in_guests = make_folder(by=make.caller(guest), title="Guest's", at=now)
    claim = claim_guest(guest=guest, person=alice, at=now)
    assert claim
    theirs.refresh_from_db()
    move_chat(chat=theirs, folder=folder(alice, instructions="Mine alone."))
    mine = start_chat(by=make.caller(alice), at=now)
    in_guests.refresh_from_db()
    move_chat(chat=mine, folder=in_guests)

    undo_claim(claim=claim, at=now)

    theirs.refresh_from_db()
    assert theirs.person is None
    assert theirs.folder is None
    in_guests.refresh_from_db()
    assert in_guests.person == alice, "it holds a chat of theirs"


def test_pages_make_fill_change_and_delete_a_folder(
    client: Client, chat: Chat, alice: User
) -> None:
    client.force_login(alice)
    made = client.post("/chat/folders", {"title": "Garden"})
    address = made["Location"]
    assert "Nothing in this folder yet" in client.get(address).content.decode()

    garden = Folder.objects.get()
    client.post(f"/chat/{chat.pk}/move", {"folder": garden.pk})
    client.post(f"/chat/{chat.pk}/rename", {"title": "Green leaves"})
    assert "Green leaves" in client.get(address).content.decode()
    assert "Garden" in client.get("/chat").content.decode()

    client.post(f"{address}/change", {"title": "Yard", "instructions": "Be brief."})
    assert "Be brief." in client.get(address).content.decode()
    client.post(f"/chat/{chat.pk}/move", {"folder": ""})
    assert "Nothing in this folder yet" in client.get(address).content.decode()
    client.post(f"{address}/delete")
    assert client.get(address).status_code == 404
    assert "Green leaves" in client.get("/chat").content.decode()


def test_a_pinned_chat_stands_above_the_others(client: Client, chat: Chat, alice: User) -> None:
    client.force_login(alice)
    client.post(f"/chat/{chat.pk}/rename", {"title": "The oldest"})
    later = start_chat(by=make.caller(alice), at=clock.now())

    came_back = client.post(f"/chat/{chat.pk}/pin", {"next": f"/chat/{chat.pk}"})

    assert came_back["Location"] == f"/chat/{chat.pk}"
    page = client.get("/chat").content.decode()
    main = page[page.index("<main") :]
    assert main.index("The oldest") < main.index(f"/chat/{later.pk}")
    assert [one.pk for one in keeping.at_hand(make.caller(alice), 2)] == [chat.pk, later.pk]
    client.post(f"/chat/{chat.pk}/unpin", {"next": "//evil.example"})
    chat.refresh_from_db()
    assert chat.pinned_at is None


def test_the_way_back_is_never_somewhere_else(client: Client, chat: Chat, alice: User) -> None:
    client.force_login(alice)
    for hostile in ("//evil.example", "https://evil.example/chat", "/chat\\..//evil", "/files"):
        answer = client.post(f"/chat/{chat.pk}/unpin", {"next": hostile})
        assert "evil.example" not in answer["Location"]
        assert answer["Location"].startswith("/chat")


def test_the_trash_says_how_long_is_left_and_ends_things(
    client: Client, chat: Chat, alice: User
) -> None:
    client.force_login(alice)
    client.post(f"/chat/{chat.pk}/delete")
    assert "30 days left" in client.get("/chat?trash").content.decode()

    client.post(f"/chat/{chat.pk}/purge")
    assert not Chat.objects.exists()
    assert "The trash is empty" in client.get("/chat?trash").content.decode()
    assert client.post("/chat/trash/empty").status_code == 302


def test_strangers_find_neither_folder_nor_chat(
    client: Client, chat: Chat, alice: User, bob: User
) -> None:
    garden = folder(alice)
    client.force_login(bob)
    for address in (
        f"/chat/{chat.pk}/pin",
        f"/chat/{chat.pk}/purge",
        f"/chat/{chat.pk}/move",
        f"/chat/folders/{garden.pk}/change",
        f"/chat/folders/{garden.pk}/delete",
    ):
        assert client.post(address).status_code == 404, address
    assert client.get(f"/chat/folders/{garden.pk}").status_code == 404


def test_the_api_keeps_chats(client: Client, chat: Chat, alice: User) -> None:
    client.force_login(alice)

    def send(method: str, path: str, body: object = None) -> object:
        answer = client.generic(
            method, f"/api/v1/chats{path}", _json(body), content_type="application/json"
        )
        assert answer.status_code < 300, answer.content
        return answer.json() if answer.content else None

    made = send("POST", "/folders", {"title": "Garden", "instructions": "Be brief."})
    assert isinstance(made, dict)
    changed = send("PATCH", f"/{chat.pk}", {"folder": made["id"], "pinned": True, "title": "Leaf"})
    assert isinstance(changed, dict)
    assert (changed["folder"], changed["title"]) == (made["id"], "Leaf")
    assert changed["pinned_at"]
    listed = send("GET", f"?folder={made['id']}&pinned=true")
    assert isinstance(listed, dict)
    assert [one["id"] for one in listed["items"]] == [str(chat.pk)]
    folders = send("GET", "/folders")
    assert isinstance(folders, dict)
    assert folders["items"][0]["chats"] == 1
    send("PATCH", f"/folders/{made['id']}", {"title": "Yard"})
    send("PATCH", f"/{chat.pk}", {"folder": None, "pinned": False})
    chat.refresh_from_db()
    assert (chat.folder, chat.pinned_at) == (None, None)
    send("DELETE", f"/folders/{made['id']}")
    send("DELETE", f"/{chat.pk}")
    send("POST", f"/{chat.pk}/purge")
    assert not Chat.objects.exists()


def _json(body: object) -> str:
    return json.dumps(body) if body is not None else ""


def test_a_name_of_halves_and_nothing_is_made_whole(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.post("/chat/folders", {"title": "a\0b", "instructions": "c\0"})
    assert Folder.objects.get().title == "ab"
