"""The first minute of a newcomer: a PDF, a question, quoted passages with their pages."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from atrium.engines.actions import offer_built_in
from tests import make
from tests.house.browser import sign_in
from tests.house.looking import look
from tests.sources import pdfs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ANSWER = ".turn:not(.mine) .answer"
PAGES = [
    ["The garden", "", "Bread needs flour, water, salt and time."],
    [
        "Leaves look green because chlorophyll absorbs blue and red light.",
        "In autumn it is broken down, and the yellow of the summer shows.",
    ],
    ["Bark is brown, and keeps the water in the stem."],
]


@pytest.fixture
def biology(tmp_path: Path) -> Path:
    path = tmp_path / "biology.pdf"
    path.write_bytes(pdfs.pdf_of(*PAGES))
    return path


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Send").click()


def test_a_stranger_drops_a_pdf_asks_and_sees_the_passage_on_its_page(
    page: Page, biology: Path
) -> None:
    offer_built_in()
    page.goto("/")
    look(page, "first-landing")
    page.locator("input[type=file]").set_input_files(biology)
    expect(page.get_by_text("biology.pdf")).to_be_visible()
    ask(page, "Why do leaves look green?")

    page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}$"))
    expect(page.locator("blockquote")).to_contain_text("chlorophyll absorbs blue and red light")
    expect(page.locator(".sources")).to_contain_text("biology.pdf, page 2")
    expect(page.locator(".sources .chip")).to_have_text("checked")
    expect(page.locator(".receipt")).to_contain_text("tokens")
    expect(page.locator("#documents .chip")).to_contain_text(re.compile(r"\bread$"))
    look(page, "first-pdf-answered")

    page.locator(".sources a").first.click()
    expect(page.locator("#passage mark")).to_contain_text("chlorophyll absorbs")
    expect(page.locator("#passage")).to_contain_text("page 2")
    look(page, "first-pdf-passage")


def test_a_scanned_pdf_says_why_it_cannot_be_read(page: Page, tmp_path: Path) -> None:
    offer_built_in()
    path = tmp_path / "scan.pdf"
    path.write_bytes(pdfs.scanned())
    page.goto("/")
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_text("scan.pdf")).to_be_visible()
    ask(page, "Why do leaves look green?")

    page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}$"))
    expect(page.locator("#documents")).to_contain_text("its pages are pictures", timeout=20_000)
    expect(page.locator(ANSWER)).to_contain_text("Nothing in your sources answers this.")
    look(page, "first-scanned")


def test_who_has_no_file_is_answered_from_the_handbook(page: Page) -> None:
    offer_built_in()
    page.goto("/")
    ask(page, "How do I connect a model?")

    page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}$"))
    expect(page.locator(ANSWER)).to_contain_text("This is what the handbook says:")
    expect(page.locator(".sources")).to_contain_text("Handbook: Connecting a model")
    expect(page.locator(".receipt")).to_contain_text("tokens")
    look(page, "first-handbook-answered")

    page.locator(".sources a").first.click()
    page.get_by_role("link", name="Read on in the handbook").click()
    page.wait_for_url("**/handbook/models#connect")
    expect(page.get_by_role("heading", name="In the console or by a command")).to_be_visible()
    look(page, "handbook-chapter")
    page.get_by_role("link", name="Handbook").first.click()
    page.wait_for_url("**/handbook")
    look(page, "handbook")


def test_an_administrator_is_told_how_to_connect_a_model_and_puts_it_away(page: Page) -> None:
    offer_built_in()
    make.admin(username="root", password="correct horse battery")
    sign_in(page, "root", "correct horse battery")
    page.goto("/")
    expect(page.get_by_role("heading", name="Only Reader answers so far")).to_be_visible()
    look(page, "first-card")

    page.get_by_role("button", name="Not now").click()
    page.goto("/chat")
    expect(page.get_by_role("heading", name="Only Reader answers so far")).to_have_count(0)
