from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from atrium.people.models import SignInProvider
from tests.house.browser import axe, screenshot
from tests.people.vouching import Vouching

pytestmark = pytest.mark.browser


def say_yes(page: Page, provider: Vouching) -> None:
    """Press the provider's button, and be the person who says yes there."""

    def there(route: object) -> None:
        where = route.request.url  # type: ignore[attr-defined]
        back = provider.go(where, email="alice@example.org", email_verified=True)
        route.fulfill(status=302, headers={"Location": f"{home}{back}"})  # type: ignore[attr-defined]

    home = page.url.partition("/sign-in")[0].partition("/settings")[0]
    page.route(f"{provider.address}/authorize**", there)
    page.get_by_role("button", name="The house").click()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_somebody_new_comes_in_by_a_provider(
    open_context: Callable[..., BrowserContext],
    troubles: object,
    provider: Vouching,
    house: SignInProvider,
    theme: str,
) -> None:
    size = {"width": 390, "height": 800} if theme == "dark" else {"width": 1280, "height": 800}
    page = open_context(color_scheme=theme, viewport=size).new_page()
    page.goto("/sign-in")
    assert axe(page) == []
    screenshot(page, f"provider-sign-in-{theme}")

    say_yes(page, provider)

    page.wait_for_url("**/sign-up/finish")
    assert axe(page) == []
    screenshot(page, f"provider-finish-{theme}")
    page.get_by_role("button", name="Make the account").click()
    page.wait_for_url(lambda url: "sign-up" not in url)
    page.goto("/settings/security")
    assert page.get_by_text("Your last way in").is_visible()
    assert axe(page) == []
    screenshot(page, f"provider-settings-{theme}")
    # The provider is the one foreign address that a page may lead to.
    seen = [one for one in troubles.seen if provider.address not in one]  # type: ignore[attr-defined]
    troubles.seen[:] = seen  # type: ignore[attr-defined]
