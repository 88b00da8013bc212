"""What a page costs who opens it for the first time: bytes on the line, and requests. No times."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from atrium.engines.actions import offer_built_in
from bench.page import MOST_BYTES, MOST_REQUESTS, Weight, weigh
from tests import make
from tests.house.browser import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def light(weight: Weight) -> bool:
    return weight.all_bytes < MOST_BYTES and weight.requests <= MOST_REQUESTS


def test_the_front_page_and_the_door_are_light(open_context: Callable[..., BrowserContext]) -> None:
    offer_built_in()
    for address in ("/", "/sign-in", "/sign-up"):
        weight = weigh(open_context(), address)
        assert light(weight), f"{address}: {weight}"
        assert len(weight.bytes) > 4, f"{address}: {weight}"


def test_a_members_pages_are_light(
    open_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    offer_built_in()
    make.person(username="alice", password=make.PASSWORD)
    first = open_context()
    page = first.new_page()
    sign_in(page, "alice", make.PASSWORD)
    notes = tmp_path / "garden.txt"
    notes.write_text("Leaves look green because chlorophyll absorbs blue and red light.")
    page.goto("/chat")
    page.locator("input[type=file]").set_input_files(notes)
    page.get_by_label("Your question").fill("Why do leaves look green?")
    page.get_by_role("button", name="Send").click()
    page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}$"))
    expect(page.locator(".receipt")).to_be_visible()
    for address in (page.url, "/", "/files", "/settings"):
        anew = open_context(storage_state=first.storage_state())
        weight = weigh(anew, address)
        assert weight.all_bytes < MOST_BYTES, f"{address}: {weight}"
        assert weight.requests <= MOST_REQUESTS + 5, f"{address}: {weight}"


def test_who_comes_again_fetches_the_page_and_what_is_private_alone(
    open_context: Callable[..., BrowserContext],
) -> None:
    offer_built_in()
    context = open_context()
    weigh(context, "/")
    again = weigh(context, "/")

    from_the_line = [address for address, size in again.bytes.items() if size > 0]
    assert not [address for address in from_the_line if "/static/" in address], again
