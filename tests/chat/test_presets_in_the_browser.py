"""A preset is made, begins a chat, lends itself to another, and goes."""

import pytest
from playwright.sync_api import Page, expect

from atrium.chat.models import Chat, Preset
from atrium.engines.protocol import Text
from tests import make
from tests.chat import scripted
from tests.chat.scripted import Scripted
from tests.house.browser import sign_in
from tests.house.looking import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BRIEFLY = "You are a gardener. Answer in two sentences."


def keep_a_preset(page: Page, *, bold: str) -> None:
    page.get_by_label("Name", exact=True).fill("Gardener, who answers briefly and in plain words")
    page.get_by_label("Model", exact=True).select_option(scripted.SLUG)
    page.get_by_label("Instructions").fill(BRIEFLY)
    page.get_by_label("How bold, from 0 to 2").fill(bold)
    page.get_by_role("button", name="Keep the preset").click()


@pytest.fixture
def presets(page: Page) -> Page:
    scripted.model()
    make.person(username="alice", password=make.PASSWORD)
    sign_in(page, "alice", make.PASSWORD)
    page.goto("/chat")
    page.locator("summary", has_text="What to do with chats").click()
    page.get_by_role("link", name="Presets").click()
    return page


def test_a_preset_is_made_and_goes(presets: Page) -> None:
    nothing = presets.get_by_role("heading", name="No presets yet")
    expect(nothing).to_be_visible()
    look(presets, "presets-none")
    keep_a_preset(presets, bold="3")
    expect(presets.locator("main")).to_contain_text("from 0 to 2")
    assert not Preset.objects.exists()

    presets.goto("/chat/presets")
    keep_a_preset(presets, bold="0.4")
    expect(presets.locator(".row-list")).to_contain_text("Gardener")
    look(presets, "presets")

    presets.get_by_role("link", name="Change “Gardener").click()
    look(presets, "preset")
    presets.get_by_role("button", name="Remove").first.click()
    presets.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(nothing).to_be_visible()
    assert not Preset.objects.exists()


def test_it_begins_a_chat_and_is_taken_up_again(presets: Page) -> None:
    keep_a_preset(presets, bold="0.4")
    presets.get_by_role("link", name="Begin a chat").click()
    with scripted.speaking(Scripted([Text("Water it.")])) as engine:
        presets.get_by_label("Your question").fill("What does the rose need?")
        presets.get_by_label("Your question").press("Enter")
        expect(presets.locator(".receipt")).to_be_visible()
    assert BRIEFLY in engine.asked[0].system
    chat = Chat.objects.get()
    assert (chat.system, str(chat.temperature)) == (BRIEFLY, "0.4")

    presets.goto(f"/chat/{chat.pk}/wishes")
    look(presets, "wishes")
    presets.get_by_label("Instructions").fill("Answer at length.")
    presets.get_by_role("button", name="Save").click()
    expect(presets.get_by_text("The next answers will be like that.")).to_be_visible()
    chat.refresh_from_db()
    assert chat.system == "Answer at length."

    presets.goto(f"/chat/{chat.pk}/wishes")
    presets.get_by_role("button", name="Use this preset").click()
    expect(presets.get_by_text("The next answers will be like that.")).to_be_visible()
    chat.refresh_from_db()
    assert chat.system == BRIEFLY
