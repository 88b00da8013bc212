"""A guest signs in, reads what came along, gives it back and brings it along again."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests import make
from tests.house.browser import axe, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def keep_a_file(page: Page) -> None:
    page.goto("/files")
    notes = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Leaves are green."}
    page.locator("input[type=file]").first.set_input_files(notes)  # type: ignore[arg-type]
    page.locator("#file-list").get_by_text("notes.txt").first.wait_for()


@pytest.mark.parametrize("width", [1280, 390])
def test_what_a_guest_made_comes_and_goes(
    open_context: Callable[..., BrowserContext], width: int
) -> None:
    make.person(username="alice", password=make.PASSWORD)
    page = open_context(viewport={"width": width, "height": 850}).new_page()
    keep_a_file(page)
    page.goto("/privacy/here")
    page.get_by_text("In this browser you made: 1 file.").wait_for()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sign_in(page, "alice", make.PASSWORD)
    page.get_by_text("in your account now: 1 file.").wait_for()

    page.goto("/settings/security")
    page.get_by_role("link", name="Give back").click()
    page.get_by_role("heading", name="Give back what came along").wait_for()
    assert axe(page) == []
    page.get_by_role("button", name="Give it back").click()
    page.get_by_text("It went back.").wait_for()
    page.goto("/files")
    assert page.get_by_text("notes.txt").count() == 0

    page.goto("/settings/security")
    page.get_by_role("button", name="Bring it along again").click()
    page.get_by_text("in your account now: 1 file.").wait_for()
    page.goto("/files")
    page.get_by_text("notes.txt").first.wait_for()


def test_who_signs_out_after_giving_back_goes_on_as_the_guest(
    open_context: Callable[..., BrowserContext],
) -> None:
    make.person(username="alice", password=make.PASSWORD)
    page = open_context(viewport={"width": 1280, "height": 850}).new_page()
    keep_a_file(page)
    sign_in(page, "alice", make.PASSWORD)
    page.goto("/settings/security")
    page.get_by_role("link", name="Give back").click()
    page.get_by_role("button", name="Give it back").click()
    page.get_by_text("It went back.").wait_for()

    page.get_by_role("button", name="Sign out", exact=True).first.click()
    page.wait_for_url(lambda url: "/settings" not in url)
    page.goto("/files")

    page.get_by_text("notes.txt").first.wait_for()
    assert page.get_by_text("You are a guest").first.is_visible()
