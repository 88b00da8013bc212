"""A report from the chat and one by name, decided in the console, read and appealed by whom it hit.

``ATRIUM_TEST_PICTURES=1`` keeps pictures of every page in both themes and both sizes.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from atrium.engines.actions import offer_built_in
from atrium.moderation.models import Appeal, Decision, Report
from atrium.people.models import User
from tests import make
from tests.house.browser import sign_in
from tests.house.looking import SIZES, look

pytestmark = pytest.mark.browser
OpenContext = Callable[..., BrowserContext]


@pytest.fixture
def house(server: str) -> str:
    offer_built_in()
    make.admin(password=make.PASSWORD)
    for name, areas in (("alice", []), ("bob", []), ("mira", ["moderation"])):
        make.person(username=name, password=make.PASSWORD, staff_areas=areas)
    return server


def entered(open_context: OpenContext, name: str, **options: object) -> Page:
    page = open_context(viewport=SIZES["wide"], **options).new_page()
    sign_in(page, name, make.PASSWORD)
    return page


def ask(page: Page) -> None:
    page.goto("/chat")
    page.locator("textarea[name=text]").fill("What does it say?")
    page.locator("textarea[name=text]").press("Enter")
    page.wait_for_url("**/chat/*-*")
    page.locator(".to-report").wait_for()


def test_an_answer_is_reported_and_hidden(house: str, open_context: OpenContext) -> None:
    alice = entered(open_context, "alice")
    ask(alice)
    where = alice.url
    look(alice, "moderation-chat")
    alice.locator(".to-report").click()
    look(alice, "moderation-report")
    alice.locator("[name=category][value=other]").check()
    alice.locator("[name=text]").fill("It says too little.")
    alice.locator("form .primary").click()
    alice.wait_for_url(lambda url: "/report/" not in url)

    mira = entered(open_context, "mira")
    mira.goto("/console/moderation/report/")
    look(mira, "moderation-queue")
    mira.locator("table.list tbody a").first.click()
    look(mira, "moderation-one-report")
    mira.locator(".press a", has_text="Uphold").click()
    mira.locator("[name=measure]").select_option("hide")
    mira.locator("[name=statement]").fill("It is no answer.")
    look(mira, "moderation-uphold")
    mira.locator("form .danger").click()
    mira.locator(".press").wait_for(state="detached")

    assert Decision.objects.get().measure == "hide"
    alice.goto(where)
    alice.locator(".turn .notice").wait_for()
    assert alice.locator(".to-report").count() == 0
    look(alice, "moderation-hidden")
    alice.goto("/settings/blocked")
    look(alice, "moderation-blocked")


def test_a_person_is_reported_suspended_and_appeals(house: str, open_context: OpenContext) -> None:
    alice = entered(open_context, "alice", java_script_enabled=False)
    alice.goto("/settings/blocked")
    alice.locator("[name=name]").fill("bob")
    alice.locator("form button", has_text="Block").first.click()
    alice.locator("a", has_text="Report a person").click()
    alice.locator("[name=name]").fill("bob")
    alice.locator("[name=category][value=harassment]").check()
    alice.locator("form .primary").click()
    alice.wait_for_url("**/settings/blocked")
    made = Report.objects.get()

    mira = entered(open_context, "mira")
    mira.goto(f"/console/moderation/report/{made.pk}/do/uphold/")
    mira.locator("[name=measure]").select_option("suspend")
    mira.locator("[name=days]").select_option("7")
    mira.locator("[name=statement]").fill("You wrote to her after she had asked you to stop.")
    mira.locator("form .danger").click()
    mira.wait_for_url("**/change/")

    bob = open_context(viewport=SIZES["wide"]).new_page()
    sign_in(bob, "bob", make.PASSWORD)
    assert bob.url.endswith("/suspended")
    look(bob, "moderation-suspended")
    bob.locator("[name=text]").fill("It was another bob.")
    bob.locator("form .primary").click()
    bob.locator(".chip", has_text="Waits").wait_for()
    look(bob, "moderation-appealed")

    root = entered(open_context, "root")
    root.goto(f"/console/moderation/appeal/{Appeal.objects.get().pk}/change/")
    look(root, "moderation-one-appeal")
    root.locator(".press a", has_text="Undo").click()
    root.locator("[name=statement]").fill("It was.")
    root.locator("form .primary").click()
    root.wait_for_url("**/change/")

    assert User.objects.get(username="bob").is_active
    sign_in(bob, "bob", make.PASSWORD)
    bob.goto("/settings/blocked")
    look(bob, "moderation-decisions")
    bob.locator("#decisions ~ ul a").click()
    look(bob, "moderation-decision")
