"""The served house and the browser that journeys stand on, proved on the front door."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests import make
from tests.house.browser import axe, sign_in

pytestmark = pytest.mark.browser


def test_a_stranger_sees_the_front_door(page: Page) -> None:
    answer = page.goto("/")
    assert answer is not None
    assert answer.status == 200
    assert page.title()
    assert len(page.screenshot()) > 1000


def test_axe_finds_what_was_planted(page: Page) -> None:
    page.goto("/")
    assert axe(page) == []
    page.evaluate(
        """() => {
          document.querySelector("main").append(new Image(), document.createElement("p"));
          const words = document.querySelector("main > p:last-child");
          words.textContent = "Hardly to be read";
          Object.assign(words.style, { color: "#eee", background: "#fff" });
        }"""
    )

    assert {line.split()[0] for line in axe(page)} >= {"image-alt", "color-contrast"}
    assert {line.split()[0] for line in axe(page, "color-contrast")} == {"color-contrast"}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_at_the_front_door(
    open_context: Callable[..., BrowserContext], theme: str
) -> None:
    page = open_context(color_scheme=theme).new_page()
    page.goto("/")
    assert axe(page) == []


def test_axe_finds_what_is_planted(page: Page) -> None:
    page.goto("/")
    page.evaluate("document.body.append(document.createElement('button'))")
    assert any("button-name" in line for line in axe(page))


def test_a_person_can_sign_in(server: str, page: Page) -> None:
    make.person(username="alice", password=make.PASSWORD)
    sign_in(page, "alice", make.PASSWORD)
    assert "/sign-in" not in page.url


def test_what_a_page_complains_of_fails_its_test(
    open_context: Callable[..., BrowserContext], request: pytest.FixtureRequest
) -> None:
    page = open_context().new_page()
    page.goto("/")
    troubles = request.getfixturevalue("troubles")
    with page.expect_console_message():
        page.evaluate("console.error('planted')")
    assert troubles.seen == ["console: planted"]
    troubles.seen.clear()
