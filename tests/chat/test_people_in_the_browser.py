"""Two people in one chat, each in a browser of their own."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from atrium.chat import actions
from atrium.chat.models import Chat, Collaborator
from atrium.engines.protocol import Piece, Text, Usage
from atrium.kit import clock
from atrium.people.models import User
from tests import make
from tests.chat import scripted
from tests.chat.scripted import Scripted
from tests.house.browser import sign_in
from tests.house.looking import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ANSWER = ".turn:not(.mine) .answer"
PIECES: list[Piece] = [Text("One, "), Text("two, "), Text("three."), Usage(1, 3)]
AT_MOST = 2_000  # milliseconds until who was removed sees nothing more


@dataclass
class Two:
    alice: User
    bob: User
    hers: Page
    his: Page


@pytest.fixture
def two(open_context: Callable[..., BrowserContext]) -> Two:
    make.windows(10_000_000)
    scripted.model()
    pages, people = [], []
    for name in ("alice", "bob"):
        people.append(make.person(username=name, password=make.PASSWORD))
        page = open_context(viewport={"width": 1280, "height": 800}).new_page()
        sign_in(page, name, make.PASSWORD)
        pages.append(page)
    return Two(people[0], people[1], pages[0], pages[1])


def invited_and_accepted(two: Two) -> str:
    """Have alice ask, invite bob, and bob say yes; return the chat's address."""
    hers, his = two.hers, two.his
    with scripted.speaking(Scripted(PIECES)):
        hers.goto("/chat")
        hers.get_by_label("Your question").fill("Count.")
        hers.get_by_role("button", name="Send").click()
        expect(hers.locator(ANSWER)).to_have_text("One, two, three.")
    address = hers.url

    hers.goto(f"{address}/people")
    look(hers, "people-alone")
    hers.get_by_label("Username or mail address").fill("bob")
    hers.get_by_label("They", exact=True).select_option("edit")
    hers.get_by_role("button", name="Invite").click()
    expect(hers.get_by_text("Invited")).to_be_visible()

    his.goto("/chat/with-me")
    expect(his.get_by_text("alice invites you")).to_be_visible()
    look(his, "people-invitations")
    his.get_by_role("button", name="Accept").click()
    his.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}$"))
    expect(his.locator(ANSWER)).to_have_text("One, two, three.")
    expect(his.locator(".turn.theirs .who")).to_have_text(re.compile("alice"))
    hers.reload()
    expect(hers.get_by_text("May write")).to_be_visible()
    look(hers, "people-two")

    return address


def test_invited_accepted_read_along_and_removed_while_it_grows(two: Two) -> None:
    address = invited_and_accepted(two)
    hers, his = two.hers, two.his
    hers.goto(address)
    with scripted.speaking(Scripted(PIECES, pause_after=2)) as engine:
        his.get_by_label("Your question").fill("Again.")
        his.get_by_role("button", name="Send").click()
        for page in (hers, his):
            expect(page.locator(ANSWER).last).to_have_text("One, two,")
        expect(hers.locator(".turn.theirs").last).to_contain_text("bob")
        look(hers, "chat-shared-owner")
        look(his, "chat-shared-other")
        row = Collaborator.objects.get()
        actions.remove(by=make.caller(two.alice), collaborator=row, at=clock.now())
        expect(his.get_by_text("not open to you any more")).to_be_visible(timeout=AT_MOST)
        expect(his.locator(".turn")).to_have_count(0)
        look(his, "chat-shared-closed")
        engine.go_on()
        expect(hers.locator(ANSWER).last).to_have_text("One, two, three.")
    expect(his.get_by_text("three")).to_have_count(0)
    his.goto(address)
    expect(his.get_by_text("One, two")).to_have_count(0)


def test_who_may_only_read_has_nothing_to_write_with(two: Two) -> None:
    by, now = make.caller(two.alice), clock.now()
    chat = Chat.objects.get(pk=actions.start_chat(by=by, at=now).pk)
    role = Collaborator.Role.VIEW
    row = actions.invite(by=by, chat=chat, asked_for="bob", role=role, at=now)
    actions.accept(by=make.caller(two.bob), collaborator=row, at=now)
    two.his.goto(f"/chat/{chat.pk}")
    expect(two.his.get_by_text("You may read this chat")).to_be_visible()
    expect(two.his.get_by_label("Your question")).to_have_count(0)
    look(two.his, "chat-only-reading")
    two.his.goto("/chat/with-me")
    look(two.his, "shared-with-me")
    two.his.goto(f"/chat/{chat.pk}/people")
    two.his.get_by_role("button", name="Leave this chat").click()
    two.his.wait_for_url("**/chat/with-me")
    expect(two.his.get_by_text("Nobody shares a chat with you yet")).to_be_visible()
