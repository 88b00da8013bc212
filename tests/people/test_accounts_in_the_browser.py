import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from atrium.people.models import User
from tests import make
from tests.house.browser import arrive, axe, screenshot, sign_in
from tests.notifications.test_mail import Office, Post

pytestmark = pytest.mark.browser
Open = Callable[..., BrowserContext]
LOOKS = [("light", 1280), ("dark", 390)]
NEW = "quite another phrase"
MINE = "alice@x.example"
PATIENCE = 20


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    """A post office on this machine, to which the house gives its letters."""
    kept = Post()
    served = Office(kept, hostname="127.0.0.1", port=0)
    served.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", served.port
    yield kept
    served.stop()


def letter(page: Page, post: Post, title: str) -> str:
    """Wait for the letter with this title, and return the link in it."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for one in post.letters:
            if one["Subject"] == title:
                body = one.get_body(("plain",)).get_content()
                found = re.search(r"^https?://\S+", body, re.M)
                assert found, body
                return found[0]
        page.wait_for_timeout(50)
    raise AssertionError([one["Subject"] for one in post.letters])


def seen(page: Page, name: str) -> None:
    assert axe(page) == [], name
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} scrolls sideways"
    screenshot(page, f"accounts-{name}")


def opened(open_context: Open, theme: str, width: int) -> Page:
    size = {"width": width, "height": 844}
    return open_context(color_scheme=theme, viewport=size).new_page()


def leave(page: Page) -> None:
    page.goto("about:blank")
    page.context.clear_cookies()


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_from_sign_up_with_an_address_to_a_new_password(
    open_context: Open, post: Post, theme: str, width: int
) -> None:
    page = opened(open_context, theme, width)
    page.goto("/sign-up")
    seen(page, f"sign-up-{theme}")
    page.get_by_label("Name", exact=True).fill("alice")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_label("Mail address").fill(MINE)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_text(f"We sent a link to {MINE}.")).to_be_visible()

    page.goto(letter(page, post, "Confirm your mail address"))
    seen(page, f"confirm-{theme}")
    page.get_by_role("button", name="Yes, confirm it").click()
    page.wait_for_url("**/settings/security*")
    expect(page.get_by_text("Mail goes here")).to_be_visible()
    seen(page, f"security-{theme}")
    page.goto(letter(page, post, "Confirm your mail address"))
    expect(page.get_by_text("was used already")).to_be_visible()
    seen(page, f"link-gone-{theme}")

    leave(page)
    page.goto("/sign-in")
    page.get_by_role("link", name="Lost the password?").click()
    page.get_by_label("Mail address").fill("nonsense@x")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("This is not a mail address.")).to_be_visible()
    seen(page, f"reset-wrong-{theme}")
    page.get_by_label("Mail address").fill(MINE)
    page.get_by_role("button", name="Send the link").click()
    page.wait_for_url("**/reset/sent")
    seen(page, f"reset-sent-{theme}")
    page.goto(letter(page, post, "Set a new password"))
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Set the password").click()
    expect(page.locator(".error").first).to_be_visible()
    seen(page, f"reset-choose-{theme}")
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Set the password").click()
    page.wait_for_url("**/sign-in")
    expect(page.get_by_text("Sign in with it.")).to_be_visible()
    letter(page, post, "Your password was changed")
    sign_in(page, MINE, NEW)
    assert page.request.get("/settings", max_redirects=0).status == 200


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_without_an_address_a_rescue_code_brings_the_account_back(
    open_context: Open, theme: str, width: int
) -> None:
    page = opened(open_context, theme, width)
    page.goto("/sign-up?next=/files")
    page.get_by_label("Name", exact=True).fill("alice")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    page.wait_for_url("**/settings/rescue-codes*")
    seen(page, f"rescue-why-{theme}")
    page.get_by_role("button", name="Make ten codes").click()
    expect(page.get_by_text("They are not shown again.")).to_be_visible()
    seen(page, f"rescue-codes-{theme}")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Keep as a file").click()
    codes = saved.value.path().read_text().split()
    assert codes == page.locator(".rescue-codes code").all_inner_texts()
    page.get_by_role("link", name="I have kept them").click()
    arrive(page, "/files")

    leave(page)
    page.goto("/reset/code")
    for code, password in (("atr_recover_wrong", NEW), (codes[3], NEW)):
        page.get_by_label("Name or mail address").fill("alice")
        page.get_by_label("Rescue code").fill(code)
        page.get_by_label("New password").fill(password)
        page.get_by_role("button", name="Set the password").click()
        if code != codes[3]:
            expect(page.get_by_text("do not go together")).to_be_visible()
            seen(page, f"rescue-wrong-{theme}")
    page.wait_for_url("**/sign-in")
    sign_in(page, "alice", NEW)


def test_a_new_password_and_a_sign_out_reach_every_tab(
    open_context: Open, transactional_db: None
) -> None:
    User.objects.all()
    make.person(username="alice", password=make.PASSWORD)
    here = opened(open_context, "light", 1280)
    sign_in(here, "alice", make.PASSWORD)
    second_tab = here.context.new_page()
    second_tab.goto("/files")
    elsewhere = opened(open_context, "dark", 390)
    sign_in(elsewhere, "alice", make.PASSWORD)
    elsewhere.goto("/files")

    here.goto("/settings/security")
    here.get_by_label("Present password").fill(make.PASSWORD)
    here.get_by_label("New password").fill(NEW)
    here.get_by_role("button", name="Change the password").click()
    expect(here.get_by_text("other browsers are signed out")).to_be_visible()
    seen(here, "password-changed-light")

    elsewhere.goto("/settings")
    elsewhere.wait_for_url("**/sign-in*")
    assert here.request.get("/settings", max_redirects=0).status == 200
    second_tab.goto("/settings")
    expect(second_tab.get_by_role("heading", name="Settings")).to_be_visible()
    here.goto("/files")
    here.evaluate(
        """() => fetch('/sign-out', {method: 'POST', redirect: 'manual',
        headers: {'X-CSRFToken': document.querySelector('[name=csrfmiddlewaretoken]').value}})"""
    )
    second_tab.goto("/settings")
    second_tab.wait_for_url("**/sign-in*")
