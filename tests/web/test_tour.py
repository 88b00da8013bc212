"""Every page that links lead to, seen by everybody who can come: it fits, reads, and is whole.

One page of each kind: the links of a list that differ in their row alone are one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve
from playwright.sync_api import BrowserContext, Error, Page

from atrium.engines.actions import offer_built_in
from atrium.kit import clock
from atrium.people.actions import welcome_guest
from atrium.people.models import User
from atrium.people.queries import GUEST_COOKIE
from tests import make
from tests.house.browser import axe, screenshot
from tests.house.looking import sideways
from tests.house.matrix.belongings import belongings_of, of_the_house

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The rooms scroll inside the shell; the shell itself must fit.
TALLER = """() => Boolean(document.querySelector(".shell"))
    && document.documentElement.scrollHeight > document.documentElement.clientHeight"""
LINKS = "() => [...document.links].map((link) => link.href)"
NARROW = {"width": 320, "height": 700}
WIDE = {"width": 1280, "height": 800}


@dataclass
class Tour:
    """Goes where links lead, once to each kind of page, and writes down what is wrong there."""

    page: Page
    home: str
    who: str
    ahead: list[str] = field(default_factory=lambda: ["/"])
    seen: set[tuple[str, ...]] = field(default_factory=set)
    walked: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def walk(self) -> None:
        while self.ahead:
            address = self.ahead.pop(0)
            if (kind := self._kind(address)) not in self.seen:
                self.seen.add(kind)
                self._visit(address)

    def _kind(self, address: str) -> tuple[str, ...]:
        parts = urlsplit(address)
        try:
            name = resolve(parts.path).view_name
        except Resolver404:
            name = parts.path  # nothing of ours: it will not answer with 200
        if name.endswith("_history"):
            name = "admin:history"  # one template, whatever it is the history of
        return (name, "trash" if "trash" in parse_qs(parts.query, keep_blank_values=True) else "")

    def _visit(self, address: str) -> None:
        try:
            answer = self.page.goto(address)
        except Error:  # a download is no page
            answer = None
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            status = self.page.request.get(address).status
            self.wrong += [f"{address}: {status}"] if status != 200 else []
            return
        self.walked.append(address)
        if answer.status != 200:
            self.wrong.append(f"{address}: {answer.status}")
            return
        self.wrong += [f"{address}: {line}" for line in self._look()]
        links = self.page.evaluate(LINKS)
        self.ahead += [link for link in links if link.startswith(f"{self.home}/")]

    def _look(self) -> list[str]:
        page, name = self.page, f"tour-{self.who}-{len(self.walked):02}"
        # What a member sees too was examined with the member.
        examine = axe if self.who != "admin" or "/console/" in page.url else _trust
        wrong = [f"light: {line}" for line in examine(page)]
        wrong += ["taller than the window"] if page.evaluate(TALLER) else []
        screenshot(page, f"{name}-1280-light")
        page.emulate_media(color_scheme="dark")
        wrong += [f"dark: {line}" for line in examine(page, "color-contrast")]
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        wrong += [f"wider than 320 px: {part}" for part in sideways(page)]
        screenshot(page, f"{name}-320-dark")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        headings, title = page.locator("h1").count(), page.title()
        wrong += [f"{headings} first headings"] if headings != 1 else []
        wrong += [f"its title is “{title}”"] if title in {"", "Atrium", "Atrium · Atrium"} else []
        return wrong


def _trust(page: Page, *rules: str) -> list[str]:
    return []


@pytest.fixture
def tour(open_context: Callable[..., BrowserContext], server: str) -> Callable[..., Tour]:
    """Return who walks, with the cookies of somebody, reading in some language."""

    def as_somebody(who: str, language: str, **cookies: str) -> Tour:
        offer_built_in()
        context = open_context(viewport=WIDE)
        for name, value in {**cookies, settings.LANGUAGE_COOKIE_NAME: language}.items():
            context.add_cookies([{"name": name, "value": value, "url": server}])
        walked = Tour(context.new_page(), server, who)
        walked.walk()
        return walked

    return as_somebody


def session_of(person: User) -> dict[str, str]:
    client = make.enter(Client(), person)
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


def test_whoever_comes_by_finds_every_page_whole(tour: Callable[..., Tour]) -> None:
    walked = tour("nobody", "uk")

    assert walked.wrong == []
    assert len(walked.walked) >= 3, walked.walked


def test_a_guest_finds_every_page_whole(tour: Callable[..., Tour], server: str) -> None:
    offer_built_in()
    guest, token = welcome_guest(at=clock.now())
    belongings_of(guest)

    walked = tour("guest", "en", **{GUEST_COOKIE: token})

    assert walked.wrong == []
    assert len(walked.walked) >= 8, walked.walked


def test_a_member_finds_every_page_whole(tour: Callable[..., Tour], server: str) -> None:
    offer_built_in()
    alice = make.person(username="alice", email="alice@example.org")
    belongings_of(alice)

    walked = tour("member", "uk", **session_of(alice))

    assert walked.wrong == []
    assert len(walked.walked) >= 10, walked.walked


def test_an_administrator_finds_every_page_whole(tour: Callable[..., Tour], server: str) -> None:
    offer_built_in()
    belongings_of(make.person(username="alice"))
    of_the_house()

    walked = tour("admin", "en", **session_of(make.admin()))

    assert walked.wrong == []
    assert len(walked.walked) >= 25, walked.walked
