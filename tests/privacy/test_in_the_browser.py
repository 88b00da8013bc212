"""A copy is made and downloaded, an account is left and kept, a guest is forgotten: in Chromium."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from atrium.files.actions import keep_upload
from atrium.kit import clock
from atrium.people.models import Guest, User
from atrium.privacy.models import Erasure
from tests import make
from tests.house.browser import axe, screenshot, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = {"wide": (1280, 800), "phone": (390, 844)}


@pytest.fixture
def alice_at_home(page: Page) -> Page:
    person = make.person(
        username="alice", password=make.PASSWORD, email="alice@example.org", display_name="Alice"
    )
    keep_upload(
        by=make.caller(person), name="notes.txt", source=[b"Leaves are green."], at=clock.now()
    )
    sign_in(page, "alice", make.PASSWORD)
    return page


def pictures(page: Page, name: str) -> None:
    """Look at a page wide and on a phone, by day and by night."""
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            screenshot(page, f"privacy-{name}-{size}-{scheme}")
            assert axe(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})


def test_a_copy_is_made_and_downloaded(alice_at_home: Page, tmp_path: Path) -> None:
    page = alice_at_home
    page.goto("/settings/data")
    page.get_by_role("button", name="Make a copy").click()

    button = page.get_by_role("link", name="Download")
    expect(button).to_be_visible(timeout=60_000)
    pictures(page, "copy")
    with page.expect_download() as coming:
        button.click()

    kept = zipfile.ZipFile(io.BytesIO(Path(coming.value.path()).read_bytes()))
    assert kept.testzip() is None
    assert kept.read("files/notes.txt") == b"Leaves are green."
    kept.extractall(tmp_path / "copy")
    page.context.new_page().close()
    read = page.context.browser.new_context(offline=True).new_page()  # type: ignore[union-attr]
    read.goto((tmp_path / "copy" / "index.html").as_uri())
    expect(read.get_by_role("heading", name="A copy of your data")).to_be_visible()
    expect(read.get_by_role("link", name="notes.txt")).to_be_visible()
    pictures(read, "reader")
    read.context.close()


def test_somebody_leaves_and_stays_after_all(alice_at_home: Page) -> None:
    page = alice_at_home
    page.goto("/settings/data")
    page.get_by_role("link", name="Erase my account").click()
    pictures(page, "leave")
    page.get_by_role("button", name="Erase my account").click()
    expect(page.get_by_text("Your account will be erased on").first).to_be_visible()
    assert Erasure.objects.standing().count() == 1
    pictures(page, "leaving")

    page.goto("/files")
    page.get_by_role("link", name="Keep my account").click()
    page.get_by_role("button", name="Keep my account").click()

    expect(page.get_by_role("link", name="Erase my account")).to_be_visible()
    assert not User.objects.exclude(leaves_at=None).exists()


def test_a_guest_is_forgotten(page: Page) -> None:
    page.goto("/files")
    page.goto("/privacy/here")
    pictures(page, "here")
    guest = Guest.objects.get()
    page.get_by_role("button", name="Forget me here").click()

    expect(page.get_by_text("You are forgotten here")).to_be_visible()
    page.goto("/privacy/here")
    expect(page.get_by_text("Nothing is kept of you")).to_be_visible()
    assert Guest.objects.get(pk=guest.pk).token_hash.startswith("erased-")


def test_anybody_reads_what_becomes_of_everything(
    open_context: Callable[..., BrowserContext],
) -> None:
    page = open_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto("/privacy/erasure")
    expect(page.get_by_role("heading", name="When somebody leaves")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Receipts of calls"))).to_be_visible()
    pictures(page, "erasure")
