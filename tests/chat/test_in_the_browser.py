"""A chat's page in a real browser, beyond the journey."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from atrium.chat import reportable
from atrium.chat.models import Turn
from atrium.engines.actions import offer_built_in
from atrium.kit import clock
from tests.house.browser import axe, screenshot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOTES = "Leaves look green because chlorophyll absorbs blue and red light.\n\nBread needs flour.\n"
# Files of the desktop, dropped or pasted on the page as a whole.
BRING = """([kind, name, text]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name, { type: "text/plain" }));
  const told = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true })
    : new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true });
  document.body.dispatchEvent(told);
}"""


@pytest.fixture(autouse=True)
def _reader(transactional_db: None) -> None:
    offer_built_in()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "garden.txt"
    path.write_text(NOTES)
    return path


def asked_about(page: Page, notes: Path) -> None:
    """Open a chat with an answer that quotes the notes."""
    page.goto("/chat")
    page.locator("input[type=file]").set_input_files(notes)
    page.get_by_label("Your question").fill("Why do leaves look green?")
    page.get_by_role("button", name="Send").click()
    page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}$"))
    expect(page.locator(".receipt")).to_be_visible()


def test_a_source_opens_the_passage_with_the_quoted_words_marked(page: Page, notes: Path) -> None:
    asked_about(page, notes)
    for opener in (page.locator("a.source"), page.locator("a.cite")):
        opener.first.click()
        dialog = page.get_by_role("dialog", name="garden.txt")
        expect(dialog.locator("mark")).to_contain_text("chlorophyll absorbs blue")
        assert axe(page) == []
        screenshot(page, "chat-passage")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()


def test_without_script_the_passage_is_a_page(
    open_context: Callable[..., BrowserContext], notes: Path
) -> None:
    context = open_context()
    page = context.new_page()
    asked_about(page, notes)
    chat = page.url
    address = page.locator("a.source").get_attribute("href") or ""
    plain = open_context(
        java_script_enabled=False, storage_state=context.storage_state()
    ).new_page()

    plain.goto(address)
    expect(plain.locator("mark")).to_contain_text("chlorophyll")
    plain.get_by_role("link", name="Back to the chat").click()
    assert plain.url.startswith(chat)


def test_an_open_page_learns_that_its_answer_was_hidden_and_shown_again(
    page: Page, notes: Path
) -> None:
    asked_about(page, notes)
    answer = Turn.objects.get(role=Turn.Role.ANSWERED)
    words = page.locator(".answer")
    expect(words).to_contain_text("chlorophyll")

    assert reportable._hide(answer.pk, at=clock.now())
    expect(page.get_by_text("The moderators hid this answer.")).to_be_visible()
    expect(words).to_have_count(0)
    assert reportable._restore(answer.pk, at=clock.now())
    expect(words).to_contain_text("chlorophyll")
    expect(page.locator("[data-turn]")).to_have_count(2)


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_file_brought_anywhere_on_the_page_comes_with_the_question(page: Page, way: str) -> None:
    page.goto("/chat")
    page.wait_for_selector(".scripted chat-composer .uploads", state="attached")
    if way == "drop":
        page.evaluate(BRING, ["dragover", "leaf.txt", NOTES])
        expect(page.locator("form.over")).to_be_visible()
    page.evaluate(BRING, [way, "leaf.txt", NOTES])

    line = page.locator("chat-composer .uploads li")
    expect(line).to_contain_text("leaf.txt")
    expect(line).to_contain_text("Received")
    expect(page.locator("form.over")).to_have_count(0)


def test_the_composer_says_what_may_come_and_how_large(page: Page, tmp_path: Path) -> None:
    page.goto("/chat")
    expect(page.locator("#attach-limits")).to_contain_text("PDF up to 100 MB")
    vast = tmp_path / "vast.txt"
    with vast.open("wb") as out:
        out.truncate(100_000_001)

    page.locator("input[type=file]").set_input_files(vast)

    failed = page.locator(".uploads .failed")
    expect(failed).to_contain_text("This file is larger than the limit.")
    failed.get_by_role("button", name="Remove").click()
    expect(page.locator(".uploads li")).to_have_count(0)


def test_control_k_leads_to_the_question(page: Page) -> None:
    page.goto("/chat")
    page.wait_for_selector(".scripted chat-composer .uploads", state="attached")
    page.get_by_role("link", name="Files").first.focus()
    page.keyboard.press("Control+k")

    expect(page.get_by_label("Your question")).to_be_focused()


def test_what_was_told_before_the_line_stood_is_shown_when_it_stands(
    page: Page, notes: Path
) -> None:
    asked_about(page, notes)
    # As if the page had been made before the document was read and the second turn was asked.
    page.evaluate(
        """() => {
          document.querySelector("#documents li").remove();
          document.querySelector(".turn:not(.mine)").remove();
          document.dispatchEvent(new CustomEvent("live:ready", { detail: {} }));
        }"""
    )

    expect(page.locator("#documents li")).to_contain_text("garden.txt")
    expect(page.locator(".turn:not(.mine) .receipt")).to_have_count(1)


def test_a_long_chat_scrolls_in_its_room_and_the_page_around_it_stays(
    page: Page, notes: Path
) -> None:
    asked_about(page, notes)
    tall = page.evaluate(
        """() => {
          const log = document.querySelector("chat-log");
          for (let turn = 0; turn < 20; turn += 1) {
            for (const one of [...log.children].slice(0, 2)) {
              const copy = one.cloneNode(true);
              copy.dataset.turn += turn;
              log.append(copy);
            }
          }
          const box = document.querySelector(".scroll");
          const around = document.documentElement;
          return [box.scrollHeight > box.clientHeight, around.scrollHeight > around.clientHeight];
        }"""
    )

    assert tall == [True, False]
