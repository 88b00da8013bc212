"""The walking skeleton, as a newcomer walks it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from atrium.chat.models import Turn
from atrium.engines.actions import offer_built_in
from atrium.engines.protocol import Piece, Text, Usage
from atrium.ledger.models import Hold
from atrium.metering.models import Receipt
from tests.chat import scripted
from tests.chat.scripted import Scripted
from tests.house.browser import axe, screenshot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOTES = """Leaves

Leaves look green because chlorophyll absorbs blue and red light and reflects the green.
In autumn the chlorophyll is broken down, and the yellow that was there all summer shows.

Bread

Bread needs flour, water, salt and time. Knead it for ten minutes and let it rest.
"""
ANSWER = ".turn:not(.mine) .answer"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "garden.txt"
    path.write_text(NOTES)
    return path


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Send").click()


def test_a_guest_drops_a_file_asks_and_sees_the_passage_with_a_receipt(
    page: Page, notes: Path
) -> None:
    offer_built_in()
    page.goto("/")
    page.locator("input[type=file]").set_input_files(notes)
    expect(page.get_by_text("garden.txt")).to_be_visible()
    ask(page, "Why do leaves look green?")

    page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}$"))
    expect(page.locator("blockquote")).to_contain_text("chlorophyll absorbs blue and red light")
    expect(page.locator(".sources")).to_contain_text("garden.txt, line")
    expect(page.locator(".receipt")).to_contain_text("tokens")
    expect(page.locator("#documents")).to_contain_text("read")

    page.reload()
    expect(page.locator("blockquote")).to_contain_text("chlorophyll absorbs blue and red light")
    assert Receipt.objects.get().state == Receipt.State.SETTLED
    assert Hold.objects.get().state == Hold.State.SETTLED
    assert axe(page) == []
    screenshot(page, "chat-answered-1280-light")


def test_a_reload_in_the_middle_loses_nothing_and_doubles_nothing(page: Page) -> None:
    scripted.model()
    pieces: list[Piece] = [
        Text("One, "),
        Text("two, "),
        Text("three, "),
        Text("four."),
        Usage(1, 4),
    ]
    with scripted.speaking(Scripted(pieces, pause_after=2)) as engine:
        page.goto("/chat")
        ask(page, "Count.")
        expect(page.locator(ANSWER)).to_have_text("One, two,")

        page.reload()
        expect(page.locator(ANSWER)).to_have_text("One, two,")
        engine.go_on()

        expect(page.locator(ANSWER)).to_have_text("One, two, three, four.")
        expect(page.locator(".receipt")).to_contain_text("5 tokens")


def test_a_second_tab_reads_along_and_stop_keeps_the_part(page: Page) -> None:
    scripted.model()
    with scripted.speaking(Scripted([Text("Part."), Text(" Never.")], pause_after=1)):
        page.goto("/chat")
        ask(page, "Go.")
        expect(page.locator(ANSWER)).to_have_text("Part.")
        second = page.context.new_page()
        second.goto(page.url)
        expect(second.locator(ANSWER)).to_have_text("Part.")

        second.get_by_role("button", name="Stop").click()

        for tab in (page, second):
            expect(tab.get_by_text("Stopped here by you.")).to_be_visible()
            expect(tab.locator(ANSWER)).to_have_text("Part.")
    assert Turn.objects.get(role=Turn.Role.ANSWERED).state == Turn.State.STOPPED


def test_a_question_asked_in_one_tab_appears_in_the_other(page: Page) -> None:
    scripted.model()
    with scripted.speaking(Scripted([Text("Yes.")])):
        page.goto("/chat")
        ask(page, "First?")
        expect(page.locator(".receipt")).to_have_count(1)
        second = page.context.new_page()
        second.goto(page.url)

        ask(page, "Second?")

        expect(second.locator(".turn.mine > div:first-child", has_text="Second?")).to_be_visible()
        expect(second.locator(".receipt")).to_have_count(2)


def test_a_tab_that_held_no_answer_under_way_reads_the_next_one_along(page: Page) -> None:
    scripted.model()
    with scripted.speaking(Scripted([Text("Yes.")])):
        page.goto("/chat")
        ask(page, "First?")
        expect(page.locator(".receipt")).to_have_count(1)
    second = page.context.new_page()
    second.goto(page.url)
    expect(second.locator(".receipt")).to_have_count(1)

    with scripted.speaking(Scripted([Text("Part."), Text(" Whole.")], pause_after=1)) as engine:
        ask(page, "Second?")
        expect(second.locator(ANSWER).last).to_have_text("Part.")
        engine.go_on()

        expect(second.locator(ANSWER).last).to_have_text("Part. Whole.")
        expect(second.locator(".receipt")).to_have_count(2)


def test_a_file_that_is_not_what_it_says_is_refused_with_a_sentence(
    page: Page, tmp_path: Path
) -> None:
    offer_built_in()
    liar = tmp_path / "notes.txt"
    liar.write_bytes(b"PK\x03\x04" + bytes(range(256)) * 40)
    page.goto("/")

    page.locator("input[type=file]").set_input_files(liar)

    expect(page.get_by_text("This is not what it says")).to_be_visible()


def test_it_works_without_any_script(
    open_context: Callable[..., BrowserContext], notes: Path
) -> None:
    offer_built_in()
    page = open_context(java_script_enabled=False).new_page()
    page.goto("/")
    page.locator("input[type=file]").set_input_files(notes)
    ask(page, "Why do leaves look green?")

    def answered() -> bool:
        page.reload()
        return page.locator("blockquote").count() > 0

    for _look in range(100):
        if answered():
            break
        page.wait_for_timeout(100)
    expect(page.locator("blockquote")).to_contain_text("chlorophyll absorbs blue")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_looks_right(
    open_context: Callable[..., BrowserContext], notes: Path, theme: str, width: int
) -> None:
    offer_built_in()
    page = open_context(viewport={"width": width, "height": 844}, color_scheme=theme).new_page()
    page.goto("/")
    assert axe(page) == []
    screenshot(page, f"landing-{width}-{theme}")
    page.locator("input[type=file]").set_input_files(notes)
    ask(page, "Why do leaves look green?")
    expect(page.locator(".receipt")).to_be_visible()
    assert axe(page) == []
    screenshot(page, f"chat-{width}-{theme}")
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
