import io
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, FilePayload, expect

from atrium.people.models import User
from tests import make
from tests.house.browser import axe, screenshot, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., BrowserContext]
TABS = ("/settings", "/settings/security", "/settings/keys")


def picture() -> FilePayload:
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((700, 500)).save(out, "PNG")
    return FilePayload(name="me.png", mimeType="image/png", buffer=out.getvalue())


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_a_picture_is_chosen_seen_kept_and_removed(
    open_context: Open, theme: str, width: int
) -> None:
    make.person(username="alice", password=make.PASSWORD)
    size = {"width": width, "height": 844}
    page = open_context(color_scheme=theme, viewport=size).new_page()
    sign_in(page, "alice", make.PASSWORD)
    page.goto("/settings")
    picker, keep = page.locator("portrait-picker"), page.get_by_role("button", name="Keep this")
    expect(keep).to_be_disabled()

    svg = FilePayload(name="me.png", mimeType="image/png", buffer=b"<svg></svg>")
    picker.locator("input[type=file]").set_input_files([svg])
    keep.click()
    expect(page.locator("#picture-error")).to_contain_text("not a PNG, JPEG or WebP")
    screenshot(page, f"settings-refused-{theme}-{width}")

    picker.locator("input[type=file]").set_input_files([picture()])
    expect(picker.locator("[data-face] img")).to_be_visible()
    keep.click()
    expect(page.locator("#said")).to_contain_text("Your picture is kept")
    shown = picker.locator("[data-face] img")
    assert shown.evaluate("one => one.complete && one.naturalWidth") == 512
    assert User.objects.get().portrait_mark
    assert axe(page) == []
    screenshot(page, f"settings-profile-{theme}-{width}")

    page.get_by_role("button", name="Remove the picture").click()
    expect(page.locator("#said")).to_contain_text("Your picture is removed")
    assert page.locator("portrait-picker [data-face] img").count() == 0
    for address in TABS[1:]:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        expect(page.locator(".settings-tabs [aria-current]")).to_be_in_viewport()
        screenshot(page, f"settings{address.replace('/', '-')}-{theme}-{width}")
