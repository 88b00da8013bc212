"""Usage as people and who runs the house see it.

``ATRIUM_TEST_PICTURES=1`` keeps pictures of every page in both themes and both sizes.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, expect

from atrium.engines.actions import offer_built_in
from atrium.kit import clock
from atrium.metering.actions import log_use
from atrium.people.caller import Caller
from atrium.people.models import User
from tests import make
from tests.house.browser import sign_in
from tests.house.looking import SIZES, look
from tests.metering.calls import call, end

pytestmark = pytest.mark.browser
OpenContext = Callable[..., BrowserContext]


@pytest.fixture
def boss(server: str) -> Caller:
    """Has used 96 of 100 tokens, and some on the days before."""
    offer_built_in()
    boss = make.caller(make.person(username="boss", password=make.PASSWORD, role=User.Role.ADMIN))
    make.windows(100)
    today = clock.now()
    for days in (9, 5, 4, 1):
        moment = today - timedelta(days=days)
        end(call(boss, 100, at=moment), 10 * days, at=moment)
    log_use(owner=boss.as_owner(), action="sources.read", success=False, at=today)
    end(call(boss, 100, at=today), 96, at=today)
    return boss


def test_usage_is_read_and_credits_are_let_pay(boss: Caller, open_context: OpenContext) -> None:
    page = open_context(viewport=SIZES["wide"]).new_page()
    sign_in(page, "boss", make.PASSWORD)
    page.goto("/usage")
    expect(page.locator(".meter-card").first).to_contain_text("96 %")
    expect(page.locator(".meter-card").first).to_contain_text("Almost all used")
    look(page, "metering-usage")
    page.get_by_role("button", name="Let my credits pay").click()
    expect(page.get_by_role("button", name="Do not use my credits")).to_be_visible()

    page.get_by_role("link", name="Receipts").first.click()
    page.wait_for_url("**/usage/receipts")
    expect(page.locator(".portions > li")).to_have_count(5)
    look(page, "metering-receipts")
    page.goto("/usage/log")
    expect(page.locator(".portions > li")).to_have_count(6)
    look(page, "metering-log")
    page.goto("/console/usage")
    expect(page.locator("main")).to_contain_text("Worth of all calls")
    look(page, "metering-everybody")
    page.goto("/console/metering/usagelog/")
    look(page, "metering-console-log")
