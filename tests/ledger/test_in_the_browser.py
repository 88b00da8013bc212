"""A statement read, filtered and taken along; an entry reversed by two of finance; a proof checked.

``ATRIUM_TEST_PICTURES=1`` keeps pictures of every page in both themes and both sizes.
"""

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
from tests.house.browser import sign_in
from tests.house.looking import SIZES, look
from tests.ledger.books import audience, charge, give, hold

pytestmark = pytest.mark.browser
OpenContext = Callable[..., BrowserContext]


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
    look(page, "ledger-statement")
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
    look(page, "ledger-filtered")
    with page.expect_download() as table:
        page.get_by_role("link", name="Download as CSV").click()
    assert "1420.500000" in table.value.path().read_text()

    page.locator("[name=until]").fill("2019-01-01")
    page.locator(".sieve-line button").click()
    page.locator(".sieve-line .error").wait_for()
    look(page, "ledger-wrong-days")

    page.goto("/wallet/statement?kind=adjustment")
    with page.expect_download() as proven:
        page.locator(".lines > li a", has_text="Proof").click()
    kept = tmp_path / "proof.json"
    proven.value.save_as(kept)
    page.goto("/ledger/days")
    head = page.locator("#newest ~ p code").inner_text()
    page.locator("details summary").first.click()
    look(page, "ledger-days")
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
    look(page, "ledger-empty")
    page.goto("/ledger/days")
    look(page, "ledger-no-days")


def test_an_entry_is_reversed_by_two_of_finance(alice: User, open_context: OpenContext) -> None:
    for name in ("fay", "gil"):
        make.person(username=name, password=make.PASSWORD, staff_areas=["finance"])
    set_option(key="ledger.alone_up_to_credits", text="0", by="system", at=clock.now())
    had = balance_of(audience(alice))
    charged = Entry.objects.filter(kind="settle").latest("id")

    fay = entered(open_context, "fay")
    fay.goto("/console/ledger/account/?q=alice")
    look(fay, "ledger-accounts")
    fay.goto("/console/ledger/hold/")
    look(fay, "ledger-holds")
    fay.goto("/console/ledger/entry/?q=alice")
    look(fay, "ledger-entries")
    fay.goto(f"/console/ledger/entry/{charged.pk}/change/")
    look(fay, "ledger-entry")
    fay.locator(".press a", has_text="Reverse").click()
    fay.locator("[name=reason]").fill("The answer broke off.")
    look(fay, "ledger-reverse")
    fay.locator("form .danger").click()
    fay.locator(".press").wait_for(state="detached")
    assert balance_of(audience(alice)) == had

    gil = entered(open_context, "gil")
    gil.goto("/console/")
    look(gil, "ledger-front")
    gil.goto(f"/console/ledger/correction/{Correction.objects.get().pk}/change/")
    look(gil, "ledger-correction")
    gil.locator(".press a", has_text="Agree").click()
    gil.locator("form .primary").click()
    gil.locator(".press").wait_for(state="detached")
    gil.goto("/console/ledger/correction/new/")
    look(gil, "ledger-give")

    assert balance_of(audience(alice)) == had + 900_000
    page = entered(open_context, "alice")
    page.goto("/wallet/statement")
    assert "The answer broke off." in page.locator(".lines > li").first.inner_text()
