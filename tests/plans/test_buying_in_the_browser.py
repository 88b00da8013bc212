"""Credits are bought in Chromium, with and without scripts, as a guest and as a member.

``ATRIUM_TEST_PICTURES=1`` keeps pictures of the pages in both themes and both sizes.
"""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from atrium.kit import clock
from atrium.kit.credits import MICRO
from atrium.ledger import actions as ledger
from atrium.payments.models import Payment
from atrium.people.models import User
from atrium.plans.models import Package
from tests import make
from tests.house.browser import sign_in
from tests.house.looking import look
from tests.plans.shop import coupon, credits_of, package

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _packages(db: None) -> None:
    package()


def quote(page: Page) -> Any:
    return page.locator("#quote")


def test_a_guest_buys_credits_signs_up_and_owns_them(page: Page) -> None:
    page.goto("/wallet")
    page.get_by_role("link", name="Buy credits").first.click()
    expect(quote(page)).to_contain_text("Choose how much")
    look(page, "plans-buy")
    page.get_by_text("110 credits").click()
    expect(quote(page)).to_contain_text("110.00 credits for 9.99 USD")
    page.get_by_label("Amount in US dollars").fill("12.50")
    expect(page.get_by_label("Another amount")).to_be_checked()
    expect(quote(page)).to_contain_text("125.00 credits for 12.50 USD")
    look(page, "plans-buy-amount")
    page.get_by_role("button", name="Go on to pay").click()
    page.get_by_role("button", name="Pay 12.50 USD").click()
    page.wait_for_url("**/wallet/payments/*")
    expect(page.locator("#payment")).to_contain_text("125.00 credits are in your wallet")
    page.goto("/sign-up")
    page.locator("[name=username]").fill("newcomer")
    page.locator("[name=password]").fill(make.PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/sign-up" not in url)
    page.goto("/wallet")
    expect(page.locator("#card-credits")).to_contain_text("125.00")
    assert credits_of(User.objects.get(username="newcomer")) == 125
    payment = Payment.objects.get()
    assert (payment.person, bool(payment.guest)) == (User.objects.get(), True)


@pytest.fixture
def at_home(page: Page) -> Page:
    make.person(username="alice", password=make.PASSWORD)
    sign_in(page, "alice", make.PASSWORD)
    return page


def test_what_is_wrong_is_said_in_the_form_and_nothing_is_lost(at_home: Page) -> None:
    page = at_home
    page.goto("/wallet/buy")
    page.get_by_text("I have a coupon").click()
    page.get_by_label("Code of the coupon").fill("NO-SUCH-CODE")
    page.get_by_label("Amount in US dollars").fill("-1")
    expect(quote(page)).to_contain_text("Write the amount with digits")
    page.get_by_role("button", name="Go on to pay").click()
    expect(page.locator(".error").first).to_contain_text("Write the amount with digits")
    expect(page.get_by_label("Code of the coupon")).to_have_value("NO-SUCH-CODE")
    look(page, "plans-buy-wrong")
    page.get_by_label("Amount in US dollars").fill("5")
    page.get_by_role("button", name="Go on to pay").click()
    expect(page.locator(".coupon .error")).to_contain_text("There is no such coupon")
    assert not Payment.objects.exists()


def test_a_price_that_changes_meanwhile_is_shown_before_it_is_paid(at_home: Page) -> None:
    page = at_home
    page.goto("/wallet/buy")
    page.get_by_text("50 credits").click()
    expect(quote(page)).to_contain_text("4.99 USD")
    Package.objects.filter(pk=package().pk).update(price_minor=599)
    page.get_by_role("button", name="Go on to pay").click()
    expect(page.get_by_role("alert")).to_contain_text("You saw 50.00 credits for 4.99 USD")
    look(page, "plans-buy-changed")
    page.get_by_role("button", name="Go on to pay").click()
    expect(page.get_by_role("button", name="Pay 5.99 USD")).to_be_visible()


def test_coupons_are_used(at_home: Page) -> None:
    page, alice = at_home, User.objects.get()
    _made, gift = coupon(credits=5 * MICRO)
    _made, half = coupon()
    _made, free = coupon(percent=100)
    page.goto("/wallet/buy")
    page.get_by_text("I have a coupon").click()
    page.get_by_label("Code of the coupon").fill(gift.lower())
    page.get_by_role("button", name="Use the coupon").click()
    expect(page.locator("main, #said").first).to_be_visible()
    page.wait_for_url("**/wallet")
    assert credits_of(alice) == 5
    page.goto("/wallet/buy")
    page.get_by_text("50 credits").click()
    page.get_by_text("I have a coupon").click()
    page.get_by_label("Code of the coupon").fill(half)
    expect(quote(page)).to_contain_text("50.00 credits for 2.50 USD")
    look(page, "plans-buy-coupon")
    page.get_by_label("Code of the coupon").fill(free)
    expect(quote(page)).to_contain_text("There is nothing to pay")
    page.get_by_role("button", name="Go on to pay").click()
    expect(page.locator("#payment")).to_contain_text("There was nothing to pay")
    assert credits_of(alice) == 55


def test_who_lacks_credits_or_owes_some_is_told_so_on_the_page(at_home: Page) -> None:
    page, alice = at_home, User.objects.get()
    ledger.take_back(
        holder=f"person:{alice.pk}", amount=3 * MICRO, key="t", kind="bought_back", at=clock.now()
    )
    page.goto(f"/wallet/buy?need={3 * MICRO}")
    expect(page.locator("main")).to_contain_text("You owe 3.00 credits")
    expect(page.get_by_label("Amount in US dollars")).to_have_value("1.00")
    look(page, "plans-buy-owed")
    page.goto("/wallet")
    look(page, "plans-wallet-with-buying")


def test_without_a_gateway_the_page_says_what_is_missing(
    at_home: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    from atrium.payments.gateways import registry  # noqa: PLC0415

    monkeypatch.setattr(registry, "_known", {})
    at_home.goto("/wallet/buy")
    expect(at_home.locator("main")).to_contain_text("Nothing can be bought here yet")
    look(at_home, "plans-buy-nothing")


def test_it_works_without_scripts(open_context: Any) -> None:
    page = open_context(java_script_enabled=False).new_page()
    page.goto("/wallet/buy")
    page.locator("[name=choice]").first.check()
    page.get_by_role("button", name="Work out the price").click()
    expect(quote(page)).to_contain_text("50.00 credits for 4.99 USD")
    page.get_by_role("button", name="Go on to pay").click()
    page.get_by_role("button", name="Pay 4.99 USD").click()
    expect(page.locator("#payment")).to_be_visible()


def test_staff_make_a_coupon_and_see_its_code_once(page: Page) -> None:
    make.admin(username="fiona", password=make.PASSWORD)
    sign_in(page, "fiona", make.PASSWORD)
    page.goto("/console/plans/package/")
    look(page, "plans-console-packages")
    page.goto("/console/plans/coupon/new/")
    look(page, "plans-console-new-coupon")
    page.locator("[name=percent]").fill("15")
    page.locator("main form button").last.click()
    expect(page.get_by_label("The code")).to_be_visible()
    look(page, "plans-console-coupon-code")
