from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from atrium.kit import clock
from atrium.people.actions import issue_key, open_family
from atrium.people.models import ApiKey, TokenFamily, User
from tests import make
from tests.house.browser import axe, screenshot, sign_in

pytestmark = pytest.mark.browser
Open = Callable[..., BrowserContext]
LOOKS = [(theme, width) for theme in ("light", "dark") for width in (1280, 390)]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture
def dora(transactional_db: None) -> User:
    return make.person(username="dora", password=make.PASSWORD)


def seen(page: Page, name: str) -> None:
    assert axe(page) == [], name
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} scrolls sideways"
    screenshot(page, f"keys-{name}")


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_a_key_is_made_with_a_limit_shown_once_and_revoked(
    open_context: Open, dora: User, theme: str, width: int
) -> None:
    size = {"width": width, "height": 844}
    page = open_context(color_scheme=theme, viewport=size).new_page()
    spent, _token = issue_key(
        person=dora, name="weekly", scopes=["read"], spend_limit=10_000_000, at=clock.now()
    )
    ApiKey.objects.filter(pk=spent.pk).update(spent=2_505_000)
    sign_in(page, "dora", make.PASSWORD)
    page.goto("/settings/keys")
    expect(page.get_by_text("2.51 of 10.00 credits spent")).to_be_visible()
    seen(page, f"list-{theme}-{width}")

    page.get_by_label("What it is for").fill("nightly report")
    page.get_by_label("May spend at most").fill("-1")
    page.get_by_role("button", name="Make a key").click()
    page.get_by_label("May spend at most").fill("12.50")
    page.get_by_role("button", name="Make a key").click()
    token = page.get_by_label("The key", exact=True)
    assert token.input_value().startswith("atr_key_")
    seen(page, f"made-{theme}-{width}")

    page.goto("/settings/keys")
    expect(page.get_by_label("The key", exact=True)).to_have_count(0)
    expect(page.get_by_text("0.00 of 12.50 credits spent")).to_be_visible()
    page.get_by_role("button", name="Revoke “nightly report”").click()
    expect(page.get_by_text("The key is revoked.")).to_be_visible()
    expect(page.get_by_role("button", name="Revoke “nightly report”")).to_have_count(0)


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_an_app_stands_beside_the_browsers_and_is_signed_out(
    open_context: Open, dora: User, theme: str, width: int
) -> None:
    size = {"width": width, "height": 844}
    page = open_context(color_scheme=theme, viewport=size).new_page()
    open_family(person=dora, agent=FIREFOX, place="203.0.113.0/24", at=clock.now())
    open_family(person=dora, agent="Atrium for Telephones/1.0", at=clock.now())
    sign_in(page, "dora", make.PASSWORD)
    page.goto("/settings/security")
    apps = page.get_by_role("region", name="Apps")
    expect(apps.get_by_text("203.0.113.0/24")).to_be_visible()
    expect(page.get_by_role("region", name="Browsers").get_by_text("127.0.0.0/24")).to_be_visible()
    apps.get_by_role("button").last.scroll_into_view_if_needed()
    seen(page, f"apps-{theme}-{width}")

    apps.get_by_role("button", name="Sign out Firefox").click()

    expect(page.get_by_text("That app is signed out.")).to_be_visible()
    expect(apps.get_by_role("listitem")).to_have_count(1)
    page.get_by_role("button", name="Sign all others out").click()
    expect(apps).to_have_count(0)
    assert not TokenFamily.objects.filter(ended_at=None).exists()
