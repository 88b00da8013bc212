"""What one asks with: the model, the files, a text that is too long to be typed."""

import re

import pytest
from playwright.sync_api import Page, expect

from atrium.chat.models import Turn
from atrium.engines.protocol import Text
from tests.chat import scripted
from tests.chat.scripted import Scripted
from tests.house.browser import axe, screenshot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASTE = """(text) => {
  const field = document.querySelector("textarea[name=text]");
  field.focus();
  const carried = new DataTransfer();
  carried.setData("text/plain", text);
  const told = { clipboardData: carried, bubbles: true, cancelable: true };
  if (field.dispatchEvent(new ClipboardEvent("paste", told))) {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}"""


def opened(page: Page) -> None:
    scripted.model()
    page.goto("/chat")
    page.wait_for_selector(".scripted chat-composer .uploads", state="attached")


def test_a_long_text_can_be_made_a_file_and_one_too_long_becomes_one(page: Page) -> None:
    opened(page)
    page.get_by_label("Your question").fill("What is this? ")
    page.evaluate(PASTE, "Leaves are green. " * 300)
    offer = page.get_by_role("button", name="Make it a file")
    expect(offer).to_be_visible()
    assert axe(page) == []
    for theme in ("light", "dark"):
        for width in (1280, 390):
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": 800})
            screenshot(page, f"composer-paste-{theme}-{width}")
    offer.click()
    expect(page.get_by_label("Your question")).to_have_value("What is this?")
    expect(page.locator(".uploads li")).to_contain_text("Received")
    expect(offer).to_be_hidden()

    page.evaluate(PASTE, "Leaves are green. " * 2_000)
    expect(page.locator(".toast")).to_contain_text("too long for a question")
    expect(page.locator(".uploads li")).to_have_count(2)
    expect(page.get_by_label("Your question")).to_have_value("What is this?")


def test_a_short_text_is_just_pasted_and_an_offer_goes_when_it_is_taken_back(page: Page) -> None:
    opened(page)
    page.evaluate(PASTE, "Leaves are green.")
    expect(page.get_by_label("Your question")).to_have_value("Leaves are green.")
    offer = page.get_by_role("button", name="Make it a file")
    expect(offer).to_be_hidden()
    page.evaluate(PASTE, "Leaves are green. " * 300)
    expect(offer).to_be_visible()
    page.get_by_label("Your question").fill("Never mind.")
    expect(offer).to_be_hidden()


def test_another_model_is_asked_where_it_is_chosen(page: Page) -> None:
    opened(page)
    with scripted.speaking(Scripted([Text("So it is.")])):
        page.get_by_label("Model").select_option("Reader")
        page.get_by_label("Your question").fill("Why are leaves green?")
        page.get_by_label("Your question").press("Shift+Enter")
        page.get_by_label("Your question").press_sequentially("Say it.")
        page.get_by_label("Your question").press("Enter")
        page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}$"))
        expect(page.locator(".receipt")).to_be_visible()
        asked = Turn.objects.get(role=Turn.Role.ASKED)
        assert asked.text == "Why are leaves green?\nSay it."
        assert Turn.objects.get(role=Turn.Role.ANSWERED).model.slug == "reader"  # type: ignore[union-attr]

        chosen = page.get_by_label("Model").locator("option:checked")
        expect(chosen).to_have_text("Reader")  # and it stays the one that answers here
        page.get_by_label("Model").select_option("Scripted")
        page.get_by_label("Your question").fill("And now?")
        page.get_by_role("button", name="Send").click()
        expect(page.locator(".answer").last).to_have_text("So it is.")
        expect(page.get_by_label("Your question")).to_have_value("")
        assert axe(page) == []
