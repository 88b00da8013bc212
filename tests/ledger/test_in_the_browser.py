"""A statement read, filtered and taken along; an entry reversed by two of finance; a proof checked.

``ATRIUM_TEST_PICTURES=1`` keeps pictures of every page in both themes and both sizes.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from atrium.engines.actions import offer_built_in
from atrium.kit import clock
from atrium.ledger import actions as ledger
from atrium.ledger import check
from atrium.ledger.models import Correction, Entry
from atrium.ledger.queries import balance_of
from atrium.options.actions import set_option
from atrium.people.models import User
from tests import make
from tests.house.browser import axe, screenshot, sign_in
from tests.ledger.books import audience, charge, give, hold

pytestmark = pytest.mark.browser
OpenContext = Callable[..., BrowserContext]
SIDEWAYS = """() => [document.documentElement, document.querySelector(".scroll")]
    .some((box) => box && box.scrollWidth > box.clientWidth)"""
SIZES = {"wide": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}


def look(page: Page, name: str) -> None:
    """Examine the page as it stands, in both sizes and both themes."""
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            assert axe(page) == [], f"{name} {size} {theme}"
            assert not page.evaluate(SIDEWAYS), f"{name} {size} is wider than the screen"
            if os.environ.get("ATRIUM_TEST_PICTURES"):
                screenshot(page, f"ledger-{name}-{size}-{theme}")
    page.set_viewport_size(SIZES["wide"])  # type: ignore[arg-type]


@pytest.fixture
def alice(server: str) -> User:
    """With three days of a statement, of which two are closed."""
    offer_built_in()
    alice = make.person(username="alice", password=make.PASSWORD)
    today = clock.now()
    before = today - timedelta(days=2)
    give(alice, 1420.5, key="first", at=before)
    for number in range(4):
        charge(alice, 12.345678 * (number + 1), key=f"old {number}", at=before)
    for number in range(55):
        charge(alice, 0.9, key=f"call {number}", at=today - timedelta(days=1))
    ledger.freeze(holder=audience(alice), amount=5_000_000, key="frozen", at=today)
    hold(alice, 3, key="open", at=today)
    while ledger.close_next_day(at=today):
        pass
    return alice


def entered(open_context: OpenContext, name: str) -> Page:
    page = open_context(viewport=SIZES["wide"], accept_downloads=True).new_page()
    sign_in(page, name, make.PASSWORD)
    return page


def test_a_statement_is_read_filtered_and_taken_along(
    alice: User, open_context: OpenContext, tmp_path: Path
) -> None:
    page = entered(open_context, "alice")
    page.goto("/wallet/statement")
    assert page.locator(".lines > li").count() == 50
    look(page, "statement")
    page.locator("a[rel=next]").click()
    page.wait_for_url("**after=*")
    assert "+1,420.50" in page.locator(".lines > li").last.inner_text()

    page.goto("/wallet/statement")
    page.locator("[name=kind]").select_option("adjustment")
    page.locator("[name=since]").fill("2020-01-01")
    page.locator(".sieve-line button").click()
    page.wait_for_url("**kind=adjustment*")
    page.locator(".lines > li").nth(0).wait_for()
    assert page.locator(".lines > li").count() == 1
    look(page, "filtered")
    with page.expect_download() as table:
        page.get_by_role("link", name="Download as CSV").click()
    assert "1420.500000" in table.value.path().read_text()

    page.locator("[name=until]").fill("2019-01-01")
    page.locator(".sieve-line button").click()
    page.locator(".sieve-line .error").wait_for()
    look(page, "wrong-days")

    page.goto("/wallet/statement?kind=adjustment")
    with page.expect_download() as proven:
        page.locator(".lines > li a", has_text="Proof").click()
    kept = tmp_path / "proof.json"
    proven.value.save_as(kept)
    page.goto("/ledger/days")
    head = page.locator("#newest ~ p code").inner_text()
    page.locator("details summary").first.click()
    look(page, "days")
    with page.expect_download() as script:
        page.get_by_role("link", name="Download the script").click()
    script.value.save_as(tmp_path / "check.py")
    asked = [sys.executable, "-I", str(tmp_path / "check.py"), str(kept), head]
    checked = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert (tmp_path / "check.py").read_text() == Path(check.__file__).read_text()


def test_an_empty_statement_says_what_it_is_for(server: str, open_context: OpenContext) -> None:
    page = open_context(viewport=SIZES["wide"]).new_page()
    page.goto("/wallet/statement")
    page.locator(".empty").wait_for()
    look(page, "empty")
    page.goto("/ledger/days")
    look(page, "no-days")


def test_an_entry_is_reversed_by_two_of_finance(alice: User, open_context: OpenContext) -> None:
    for name in ("fay", "gil"):
        make.person(username=name, password=make.PASSWORD, staff_areas=["finance"])
    set_option(key="ledger.alone_up_to_credits", text="0", by="system", at=clock.now())
    had = balance_of(audience(alice))
    charged = Entry.objects.filter(kind="settle").latest("id")

    fay = entered(open_context, "fay")
    fay.goto("/console/ledger/account/?q=alice")
    look(fay, "accounts")
    fay.goto("/console/ledger/hold/")
    look(fay, "holds")
    fay.goto("/console/ledger/entry/?q=alice")
    look(fay, "entries")
    fay.goto(f"/console/ledger/entry/{charged.pk}/change/")
    look(fay, "entry")
    fay.locator(".press a", has_text="Reverse").click()
    fay.locator("[name=reason]").fill("The answer broke off.")
    look(fay, "reverse")
    fay.locator("form .danger").click()
    fay.locator(".press").wait_for(state="detached")
    assert balance_of(audience(alice)) == had

    gil = entered(open_context, "gil")
    gil.goto("/console/")
    look(gil, "front")
    gil.goto(f"/console/ledger/correction/{Correction.objects.get().pk}/change/")
    look(gil, "correction")
    gil.locator(".press a", has_text="Agree").click()
    gil.locator("form .primary").click()
    gil.locator(".press").wait_for(state="detached")
    gil.goto("/console/ledger/correction/new/")
    look(gil, "give")

    assert balance_of(audience(alice)) == had + 900_000
    page = entered(open_context, "alice")
    page.goto("/wallet/statement")
    assert "The answer broke off." in page.locator(".lines > li").first.inner_text()
