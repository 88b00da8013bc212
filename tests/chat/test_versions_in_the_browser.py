"""Branches, versions and two models side by side, as somebody goes through them."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from atrium.chat.models import Chat, Turn
from atrium.engines.protocol import Piece, Text, Usage
from atrium.metering.models import Receipt
from tests.chat import scripted
from tests.chat.said import said_in
from tests.chat.scripted import Scripted
from tests.house.browser import axe, screenshot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ANSWERS = ".turn:not(.mine) .answer"
ASKED = ".turn.mine > div:first-child"


def pieces(text: str) -> list[Piece]:
    return [*(Text(word + " ") for word in text.split()), Usage(3, 3)]


@pytest.fixture
def engine(transactional_db: None) -> Iterator[Scripted]:
    scripted.model()
    with scripted.speaking(Scripted(pieces("The first answer."))) as engine:
        yield engine


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Send").click()


def opened(page: Page, question: str) -> None:
    page.goto("/chat")
    ask(page, question)
    page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}$"))
    expect(page.locator(".receipt")).to_have_count(1)


def test_another_try_is_a_version_and_the_arrow_keys_go_through_them(
    page: Page, engine: Scripted
) -> None:
    opened(page, "Why?")
    engine.pieces = pieces("The second answer.")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(ANSWERS)).to_have_text("The second answer.")
    expect(page.locator(".versions .number")).to_contain_text("2/2")

    page.get_by_role("button", name="The version before").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(ANSWERS)).to_have_text("The first answer.")
    page.keyboard.press("ArrowRight")
    expect(page.locator(ANSWERS)).to_have_text("The second answer.")
    page.reload()
    expect(page.locator(ANSWERS)).to_have_text("The second answer.")
    assert axe(page) == []
    screenshot(page, "chat-versions")


def test_an_edited_question_begins_a_branch(page: Page, engine: Scripted) -> None:
    opened(page, "Why?")
    engine.pieces = pieces("Another answer.")
    page.locator(".rewording summary").click()
    page.get_by_label("The question in other words").fill("Why, please?")
    page.get_by_role("button", name="Ask", exact=True).click()

    expect(page.locator(ANSWERS)).to_have_text("Another answer.")
    expect(page.locator(ASKED)).to_contain_text("Why, please?")
    page.locator(".turn.mine").get_by_role("button", name="The version before").click()
    expect(page.locator(ANSWERS)).to_have_text("The first answer.")
    assert Turn.objects.filter(parent=None).count() == 2
    page.locator(".rewording summary").click()
    assert axe(page) == []
    screenshot(page, "chat-editing")


def test_a_second_tab_follows_to_the_branch_that_is_chosen(page: Page, engine: Scripted) -> None:
    opened(page, "Why?")
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator(ANSWERS)).to_have_text("The first answer.")

    engine.pieces = pieces("The second answer.")
    page.get_by_role("button", name="Try again").click()
    expect(other.locator(ANSWERS)).to_have_text("The second answer.")
    expect(other.locator(".receipt")).to_have_count(1)
    page.get_by_role("button", name="The version before").click()
    expect(other.locator(ANSWERS)).to_have_text("The first answer.")


def test_two_models_stand_side_by_side_until_one_is_chosen(page: Page, engine: Scripted) -> None:
    opened(page, "Why?")
    page.locator(".beside-choice summary").click()
    page.get_by_label("And beside it").select_option("reader")
    ask(page, "And what else?")

    pair = page.get_by_role("group", name="Two answers to choose between")
    expect(pair.locator(".receipt")).to_have_count(2)
    assert axe(page) == []
    screenshot(page, "chat-side-by-side")
    page.reload()  # looking leaves styles behind
    pair.locator(".turn").nth(1).get_by_role("button", name="Go on with this one").click()
    expect(pair).to_have_count(0)
    expect(page.locator(ANSWERS)).to_have_count(2)
    expect(page.locator(ANSWERS).nth(1)).to_contain_text("I am Reader")
    assert Receipt.objects.filter(state=Receipt.State.SETTLED).count() == 3


def test_what_was_said_first_comes_when_it_is_scrolled_to(page: Page, engine: Scripted) -> None:
    opened(page, "Why?")
    chat = Chat.objects.get()
    said_in(chat, 120)
    Chat.objects.update(chosen=None)
    page.reload()
    expect(page.locator(".turn")).to_have_count(50)
    page.locator("chat-log > .turn").first.scroll_into_view_if_needed()
    page.locator(".scroll").evaluate("one => one.scrollTo(0, 0)")
    expect(page.locator(".turn")).to_have_count(100)
    page.locator(".scroll").evaluate("one => one.scrollTo(0, 0)")
    expect(page.locator(".turn")).to_have_count(120)
    expect(page.locator(ASKED).first).to_contain_text("q0.")
