"""A guest pays at the Sandbox's checkout, fails, and cancels; what it says is seen by axe, too.

``ATRIUM_TEST_PICTURES=1`` keeps pictures of its pages in both themes and both sizes.
"""

import pytest
from playwright.sync_api import Page, expect

from atrium.kit import clock
from atrium.payments.gateways.sandbox import desk, tricks
from atrium.payments.models import Payment
from atrium.payments.states import State
from atrium.people.models import Guest
from tests.house.looking import look
from tests.payments.conftest import Jar
from tests.payments.through_sandbox import begun, order_of

pytestmark = pytest.mark.browser


def guest_of(page: Page) -> Guest:
    """Open the house once, as nobody; return whom it made of that."""
    page.goto("/sandbox")
    return Guest.objects.latest("first_seen_at")


def at_checkout(page: Page, guest: Guest, **more: object) -> Payment:
    payment = begun(guest, **more)
    page.goto(f"/sandbox/checkout/{payment.gateway_ref}")
    return payment


def press(page: Page, payment: Payment, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_url(f"**/wallet/payments/{payment.pk}")


def stands(payment: Payment) -> str:
    payment.refresh_from_db()
    return payment.state


def test_a_guest_pays_fails_and_cancels(page: Page, jar: Jar) -> None:
    guest = guest_of(page)
    look(page, "sandbox-empty")
    payment = at_checkout(page, guest, keep_method=True)
    look(page, "sandbox-checkout")
    page.get_by_text("As an enemy").click()
    look(page, "sandbox-checkout-enemy")
    press(page, payment, "Pay 10.00 USD")
    expect(page.locator("main")).to_contain_text("Paid")
    assert stands(payment) == State.PAID
    failed = at_checkout(page, guest)
    press(page, failed, "Fail")
    expect(page.locator("main")).to_contain_text("Failed")
    cancelled = at_checkout(page, guest)
    press(page, cancelled, "Cancel")
    expect(page.locator("main")).to_contain_text("Cancelled")
    assert jar.done.count(("fulfilled", 1000)) == 1
    page.goto(f"/sandbox/checkout/{failed.gateway_ref}")
    look(page, "sandbox-checkout-failed")


def test_what_happened_is_seen_in_the_journal(page: Page, jar: Jar) -> None:
    guest, now = guest_of(page), clock.now()
    payment = at_checkout(page, guest)
    desk.pay(order_of(payment), card=desk.new_card(payer=payment.opened_as, at=now), at=now)
    desk.dispute(order_of(payment), at=now)
    tricks.forge(order_of(payment), at=now)
    page.goto("/sandbox")
    page.get_by_role("button", name="31 days on").click()
    expect(page.locator("main")).to_contain_text("31 days ahead")
    look(page, "sandbox-overview")
    page.get_by_role("link", name="A jar of honey").click()
    expect(page.locator("main")).to_contain_text("order.paid")
    page.get_by_label("Give a part back").fill("2.50")
    page.get_by_role("button", name="Give back", exact=True).click()
    expect(page.locator("main")).to_contain_text("2.50 USD")
    look(page, "sandbox-order")
