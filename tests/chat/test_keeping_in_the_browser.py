"""Keeping chats as people do: pinned, in folders, found again, thrown away, brought along."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from atrium.chat.actions import make_folder, rename_chat, start_chat
from atrium.chat.models import Chat, Turn
from atrium.engines.actions import offer_built_in
from atrium.kit import clock
from atrium.people.models import User
from tests import make
from tests.chat.test_import import CHATGPT
from tests.house.browser import PATIENCE, sign_in
from tests.house.looking import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def alice(transactional_db: None) -> User:
    offer_built_in()
    return make.person(username="alice", password=make.PASSWORD)


def chat_called(owner: User, title: str, said: str = "") -> Chat:
    now = clock.now()
    chat = start_chat(by=make.caller(owner), at=now)
    rename_chat(chat=chat, title=title, at=now)
    if said:
        Turn.objects.create(chat=chat, role="asked", text=said, made_at=now, ended_at=now)
    return chat


def test_chats_are_pinned_put_into_folders_and_found(page: Page, alice: User) -> None:
    chat_called(alice, "Why leaves are green", "Chlorophyll absorbs the blue and the red light.")
    chat_called(alice, "A very long title about bread, dough, flour, water and a little salt " * 2)
    now = clock.now()
    make_folder(by=make.caller(alice), title="A folder with quite a long name", at=now)
    sign_in(page, "alice", make.PASSWORD)
    page.goto("/chat")
    look(page, "chats")

    page.get_by_role("button", name="Pin Why leaves are green").click()
    expect(page.get_by_role("heading", name="Pinned")).to_be_visible()
    page.locator("summary", has_text="New folder").click()
    page.get_by_label("Name of the folder").fill("Garden")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name="Nothing in this folder yet")).to_be_visible()
    look(page, "folder-empty")

    page.goto("/chat")
    page.locator("main").get_by_role("link", name="Why leaves are green").click()
    page.locator("summary", has_text="What to do with this chat").click()
    page.get_by_label("Folder").select_option(label="Garden")
    look(page, "chat-menu")
    page.get_by_role("button", name="Move").click()
    page.goto("/chat")
    page.get_by_label("Folders").get_by_role("link", name="Garden").click()
    page.locator("summary", has_text="Instructions for every chat in here").click()
    page.get_by_label("Instructions", exact=True).fill("Answer in two sentences.")
    look(page, "folder")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Instructions", exact=True)).to_have_value("Answer in two sentences.")

    page.goto("/chat")
    page.get_by_label("Search in your chats").fill("absorbing")
    page.keyboard.press("Enter")
    expect(page.locator("mark")).to_have_text("absorbs")
    look(page, "chat-search")
    page.locator(".hits a").click()
    expect(page.locator(".turn.mine")).to_contain_text("Chlorophyll")


def test_the_trash_is_looked_through_and_emptied(page: Page, alice: User) -> None:
    chat_called(alice, "Why leaves are green")
    sign_in(page, "alice", make.PASSWORD)
    page.goto("/chat")
    page.get_by_role("button", name="Put in the trash Why leaves are green").click()
    page.goto("/chat?trash")
    expect(page.get_by_text("30 days left")).to_be_visible()
    look(page, "chat-trash")

    page.get_by_role("button", name="Empty the trash").click()
    page.get_by_role("dialog").get_by_role("button", name="Empty the trash").click()
    expect(page.get_by_text("1 chat is gone for good.").first).to_be_visible()


def test_chats_come_along_from_another_place(page: Page, alice: User, tmp_path: Path) -> None:
    good, bad = tmp_path / "conversations.json", tmp_path / "holiday.json"
    good.write_text(json.dumps([CHATGPT]))
    bad.write_text('[{"hello": "world"}]')
    sign_in(page, "alice", make.PASSWORD)
    page.goto("/chat/imports")
    for path, said in ((bad, "These are no chats of"), (good, "1 new chat")):
        page.get_by_label("The file you exported").set_input_files(path)
        page.get_by_role("button", name="Bring them in").click()
        expect(page.locator("#imports")).to_contain_text(said, timeout=PATIENCE * 1_000)
    look(page, "chat-imports")

    page.goto("/chat")
    page.locator("main").get_by_role("link", name="Green leaves").click()
    expect(page.locator("#turns")).to_contain_text("Flour.")
    look(page, "chat-brought")
