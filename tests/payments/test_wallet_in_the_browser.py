"""Somebody looks into their wallet, pays, and keeps the receipt: in Chromium.

``ATRIUM_TEST_PICTURES=1`` keeps pictures of the pages in both themes and both sizes.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from atrium.kit import clock
from atrium.kit.credits import MICRO
from atrium.ledger import actions as ledger
from atrium.options.actions import set_option
from atrium.payments.actions import cancel_payment
from atrium.payments.learning import be_unsure, learn_progress
from atrium.payments.models import PaymentReceipt
from atrium.payments.states import DisputeFact, DisputeRank, Progress, RefundFact, RefundRank
from atrium.people.models import User
from tests import make
from tests.house.browser import SCREENSHOTS, sign_in
from tests.house.looking import look
from tests.payments import through_sandbox
from tests.payments.conftest import Counter, Jar
from tests.payments.paying import opened, paid, told
from tests.payments.pdf_pages import picture, text_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def alice(db: None) -> User:
    return make.person(
        username="alice", password=make.PASSWORD, email="alice@example.org", display_name="Олена"
    )


@pytest.fixture
def at_home(page: Page, alice: User) -> Page:
    sign_in(page, "alice", make.PASSWORD)
    return page


def test_somebody_pays_and_keeps_the_receipt(
    at_home: Page, alice: User, jar: Jar, tmp_path: Path
) -> None:
    page, now = at_home, clock.now()
    for name, text in {
        "operator_name": "Чорнильниця, ТОВ",
        "operator_address": "Набережна 1, 79000 Львів, Україна",
        "tax_number": "UA 1234567",
        "tax_percent": "20",
        "tax_name": "ПДВ",
    }.items():
        set_option(key=f"receipts.{name}", text=text, by="system", at=now)
    page.goto("/wallet")
    look(page, "payments-wallet-empty")
    page.goto("/wallet/payments")
    look(page, "payments-history-empty")
    payment = through_sandbox.opened(alice, minor=1200)
    page.goto("/wallet")
    page.get_by_role("link", name="A jar of honey").click()
    look(page, "payments-pending")
    page.get_by_role("button", name="Go on to pay").click()
    page.get_by_role("button", name="Pay 12.00 USD").click()
    page.wait_for_url(f"**/wallet/payments/{payment.pk}")
    expect(page.locator("#payment")).to_contain_text("is yours")
    look(page, "payments-paid")
    receipt = PaymentReceipt.objects.get()
    page.get_by_role("link", name=f"Receipt {receipt.label}").click()
    expect(page.get_by_role("article")).to_contain_text("Чорнильниця")
    look(page, "payments-receipt")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download as PDF").click()
    kept = Path(coming.value.path()).read_bytes()
    assert coming.value.suggested_filename == f"{receipt.label}.pdf"
    assert "Олена (alice)" in text_of(kept)
    if os.environ.get("ATRIUM_TEST_PICTURES"):
        picture(kept, SCREENSHOTS / "payments-receipt-pdf.png")


def test_an_open_page_hears_that_it_was_paid(
    at_home: Page, alice: User, counter: Counter, jar: Jar
) -> None:
    page, payment = at_home, opened(alice)
    learn_progress(payment=payment, progress=Progress.PROCESSING, at=clock.now())
    page.goto(f"/wallet/payments/{payment.pk}")
    expect(page.locator("#payment")).to_contain_text("You may close this page")
    look(page, "payments-processing")
    told(payment)
    expect(page.locator("#payment")).to_contain_text("is yours", timeout=20_000)


def test_each_state_has_its_page(at_home: Page, alice: User, counter: Counter, jar: Jar) -> None:
    page, now = at_home, clock.now()
    holder = make.caller(alice).audience
    for number in range(4):
        ledger.grant(holder=holder, amount=105 * MICRO, key=f"g{number}", kind="adjustment", at=now)
    ledger.freeze(holder=holder, amount=20 * MICRO, key="f", at=now, about=None)
    failed, cancelled, unsure = opened(alice), opened(alice), opened(alice)
    learn_progress(payment=failed, progress=Progress.FAILED, why="The card is empty.", at=now)
    cancel_payment(payment=cancelled, at=now)
    be_unsure(payment=unsure, at=now)
    odd = told(opened(alice), amount_minor=1)
    part = told(paid(alice), refunds=(RefundFact("r", 250, RefundRank.DONE),))
    whole = told(paid(alice), refunds=(RefundFact("w", 1000, RefundRank.DONE),))
    argued = told(paid(alice), disputes=(DisputeFact("d", 1000, DisputeRank.OPENED),))
    page.goto("/wallet")
    look(page, "payments-wallet")
    page.goto("/wallet/payments")
    look(page, "payments-history")
    for name, payment in {
        "failed": failed,
        "cancelled": cancelled,
        "unknown": unsure,
        "odd": odd,
        "partly": part,
        "refunded": whole,
        "disputed": argued,
    }.items():
        page.goto(f"/wallet/payments/{payment.pk}")
        look(page, name)
    ledger.take_back(holder=holder, amount=500 * MICRO, key="t", kind="bought_back", at=now)
    page.goto("/wallet")
    expect(page.locator("main")).to_contain_text("You owe")
    look(page, "payments-wallet-owed")


def test_a_guest_is_told_where_the_wallet_is_kept(page: Page) -> None:
    page.goto("/wallet")
    expect(page.locator("main")).to_contain_text("You are a guest")
    look(page, "payments-wallet-guest")
