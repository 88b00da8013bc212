"""The whole way of money in a browser: bought as a guest, subscribed, renewed, refunded, read."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests import make
from tests.house.browser import axe
from tests.house.money_walk import PASSWORD, Walk
from tests.plans.till import Till

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def test_money_goes_its_whole_way(
    server: str, till: Till, open_context: Callable[..., BrowserContext]
) -> None:
    make.admin(username="fin", password=PASSWORD)

    def look(page: Page, name: str) -> None:
        assert axe(page) == [], name

    walk = Walk(open_context, "fin", PASSWORD, look)
    walk.all_of_it()

    said = "\n".join(walk.said)
    assert "2 months paid" in said
    assert "finance refunded it" in said
