from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from atrium.kit import clock
from atrium.options.actions import set_option
from atrium.people.models import User
from atrium.people.second_factor import passkeys_of
from tests import make
from tests.house.browser import arrive, axe, screenshot, sign_in
from tests.people.second_step import code_of, wrong_code

pytestmark = pytest.mark.browser
Open = Callable[..., BrowserContext]
LOOKS = [("light", 1280), ("dark", 390)]


@pytest.fixture
def dora(transactional_db: None) -> User:
    return make.person(username="dora", password=make.PASSWORD)


def with_authenticator(page: Page) -> None:
    """Give the browser a device that says yes to every passkey."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def seen(page: Page, name: str) -> None:
    assert axe(page) == [], name
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} scrolls sideways"
    screenshot(page, f"second-factor-{name}")


def give_code(page: Page, code: str) -> None:
    page.get_by_label("Code", exact=True).fill(code)
    page.get_by_label("Code", exact=True).press("Enter")


def opened(open_context: Open, theme: str, width: int) -> Page:
    size = {"width": width, "height": 844}
    return open_context(color_scheme=theme, viewport=size).new_page()


def leave(page: Page) -> None:
    """Be somebody nobody knows again, with no page open that would notice."""
    page.goto("about:blank")
    page.context.clear_cookies()


def set_up_app(page: Page) -> tuple[str, list[str]]:
    """Have the signed-in person set an app up; return its secret, and the recovery codes."""
    page.goto("/settings/second-factor/app")
    secret = page.locator("#secret").input_value()
    give_code(page, code_of(secret))
    page.wait_for_url("**/settings/recovery-codes")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download").click()
    codes = saved.value.path().read_text().split("\n\n")[1].strip().split("\n")
    return secret, codes


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_an_app_is_set_up_and_taken_away(
    open_context: Open, dora: User, theme: str, width: int
) -> None:
    page = opened(open_context, theme, width)
    sign_in(page, "dora", make.PASSWORD)
    page.goto("/settings/security")
    seen(page, f"security-{theme}")
    page.get_by_role("link", name="Set up").click()
    page.wait_for_url("**/settings/second-factor/app")
    seen(page, f"app-{theme}")
    secret = page.locator("#secret").input_value()
    give_code(page, "12")
    expect(page.get_by_text("This code is not right")).to_be_visible()
    seen(page, f"app-wrong-{theme}")
    assert page.locator("#secret").input_value() == secret
    give_code(page, code_of(secret))
    page.wait_for_url("**/settings/recovery-codes")
    seen(page, f"codes-{theme}")
    page.get_by_role("link", name="I have them").click()
    expect(page.get_by_text("10 codes are left")).to_be_visible()
    seen(page, f"on-{theme}")

    page.get_by_role("link", name="Recovery codes").click()
    seen(page, f"codes-again-{theme}")
    page.get_by_role("link", name="Make new codes").click()
    seen(page, f"codes-new-{theme}")
    page.goto("/settings/second-factor/app/remove")
    seen(page, f"remove-{theme}")
    page.get_by_role("button", name="Turn off").click()
    arrive(page, "/settings/security")


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_after_the_password_a_code_is_asked_for(
    open_context: Open, dora: User, theme: str, width: int
) -> None:
    page = opened(open_context, theme, width)
    sign_in(page, "dora", make.PASSWORD)
    secret, codes = set_up_app(page)
    assert len(codes) == 10

    leave(page)
    give_password(page, onward="/files")
    seen(page, f"ask-{theme}")
    give_code(page, wrong_code())
    expect(page.get_by_text("This code is not right")).to_be_visible()
    seen(page, f"ask-wrong-{theme}")
    give_code(page, code_of(secret, steps=1))
    arrive(page, "/files")

    leave(page)
    give_password(page)
    give_code(page, codes[0])
    page.wait_for_url(lambda url: "/sign-in" not in url)
    expect(page.get_by_text("You used a recovery code. 9 are left.")).to_be_visible()


def give_password(page: Page, *, onward: str = "/") -> None:
    page.goto(f"/sign-in?next={onward}")
    page.locator("[name=username]").fill("dora")
    page.locator("[name=password]").fill(make.PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/sign-in/second-factor")


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_a_passkey_opens_without_the_password_and_after_it_and_proves_again(
    open_context: Open, dora: User, theme: str, width: int
) -> None:
    page = opened(open_context, theme, width)
    with_authenticator(page)
    sign_in(page, "dora", make.PASSWORD)
    page.goto("/settings/passkeys/add")
    seen(page, f"passkey-add-{theme}")
    page.get_by_label("Name").fill("phone")
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url("**/settings/recovery-codes")
    page.goto("/settings/security")
    expect(page.get_by_role("link", name="Remove “phone”")).to_be_visible()
    seen(page, f"passkeys-{theme}")
    [key] = passkeys_of(dora)
    assert key.wrap().is_passwordless

    leave(page)
    page.goto("/sign-in?next=/files")
    seen(page, f"passkey-door-{theme}")
    page.get_by_role("button", name="Sign in with a passkey").click()
    arrive(page, "/files")

    leave(page)
    give_password(page)
    seen(page, f"passkey-ask-{theme}")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)

    page.goto("/sign-in/again/passkey?next=/settings/security")
    seen(page, f"passkey-again-{theme}")
    page.get_by_role("button", name="Use a passkey").click()
    arrive(page, "/settings/security")
    page.get_by_role("link", name="Remove “phone”").click()
    seen(page, f"passkey-remove-{theme}")
    page.get_by_role("button", name="Remove").click()
    page.wait_for_url("**/settings/security#passkeys")
    assert passkeys_of(dora) == []


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_staff_are_led_to_set_one_up_and_then_the_console_opens(
    open_context: Open, dora: User, theme: str, width: int
) -> None:
    User.objects.filter(pk=dora.pk).update(role=User.Role.ADMIN)
    set_option(key="people.staff_second_factor", text="true", by="console:test", at=clock.now())
    page = opened(open_context, theme, width)
    page.goto("/sign-in?next=/console/")
    page.locator("[name=username]").fill("dora")
    page.locator("[name=password]").fill(make.PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/settings/second-factor*")
    seen(page, f"staff-{theme}")

    set_up_app(page)
    page.goto("/settings/second-factor")
    seen(page, f"staff-done-{theme}")
    page.get_by_role("link", name="Open the console").click()

    arrive(page, "/console/")
    expect(page.get_by_role("heading", name="Console", level=1)).to_be_visible()


def test_a_browser_says_when_nothing_was_chosen(page: Page, dora: User) -> None:
    page.goto("/sign-in")
    page.evaluate(
        "() => { navigator.credentials.get = () =>"
        " Promise.reject(new DOMException('no', 'NotAllowedError')); }"
    )

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_text("Nothing was chosen, or it took too long.")).to_be_visible()
    assert page.get_by_role("button", name="Sign in with a passkey").is_enabled()
    assert axe(page) == []


def test_a_browser_without_passkeys_shows_no_button(open_context: Open, server: str) -> None:
    context = open_context()
    context.add_init_script("delete window.PublicKeyCredential")
    page = context.new_page()

    page.goto("/sign-in")

    assert page.get_by_role("button", name="Sign in with a passkey").count() == 0
