"""The pages of plans: side by side, what choosing does, and one's own."""

import re
from typing import Any

import pytest
from django.test import Client

from atrium.people.models import User
from atrium.plans.queries import plan_of
from tests import make
from tests.plans.till import Till, mine_of, order, plan, subscribed, work


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    return make.enter(client, alice)


def text(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def seal_in(answer: Any) -> str:
    found = re.search(r'name="seal" value="([^"]+)"', answer.content.decode())
    assert found
    return found[1]


def test_anybody_sees_the_plans_side_by_side(till: Till, client: Client) -> None:
    seen = text(client.get("/plans"))
    for words in ("Premium Starter", "9.99 USD", "29.99 USD", "99.99 USD", "299.99 USD"):
        assert words in seen
    assert "Sign up" in seen
    assert "Your plan" not in seen
    assert "Guest" not in seen


def test_ones_own_plan_is_marked(till: Till, browser: Client, alice: User) -> None:
    subscribed(alice, till)
    seen = text(browser.get("/plans"))
    assert "Premium Starter Your plan" in seen
    assert "Upgrade Premium Pro" in seen
    assert "Go back to this Basic" in seen


def test_a_guest_is_led_to_the_sign_in(till: Till, client: Client) -> None:
    answer = client.get("/plans/premium_pro")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in?next=%2Fplans%2Fpremium_pro")


def test_what_is_shown_is_what_is_paid(till: Till, browser: Client, alice: User) -> None:
    page = browser.get("/plans/premium_pro")
    assert "To pay now 29.99 USD" in text(page)
    answer = browser.post("/plans/premium_pro", {"seal": seal_in(page), "gateway": "till"})
    assert "https://till.example/" in answer.content.decode()
    again = browser.post("/plans/premium_pro", {"seal": seal_in(page), "gateway": "till"})
    assert again.status_code == 200
    payment = order(alice, "premium_pro", seal=seal_in(page))
    assert payment
    till.pay(payment)
    assert plan_of(make.caller(alice)).slug == "premium_pro"
    assert "Premium Pro" in text(browser.get("/wallet/plan"))
    shown = text(browser.get(f"/wallet/payments/{payment.pk}"))
    assert "You have Premium Pro until" in shown


def test_an_upgrade_shows_its_parts(till: Till, clock: Any, browser: Client, alice: User) -> None:
    subscribed(alice, till)
    clock.forward(days=15)
    make.enter(browser, alice)  # the session is over by then
    seen = text(browser.get("/plans/premium_pro"))
    assert "Premium Pro for the rest of the month 14.99 USD" in seen
    assert "What is left of Premium Starter −4.99 USD" in seen
    assert "To pay now 10.00 USD" in seen


def test_a_preview_too_old_is_shown_anew(till: Till, clock: Any, browser: Client) -> None:
    seal = seal_in(browser.get("/plans/premium_pro"))
    clock.forward(minutes=31)
    answer = browser.post("/plans/premium_pro", {"seal": seal, "gateway": "till"}, follow=True)
    assert "no longer holds" in text(answer)


@pytest.mark.parametrize("bad", ["", "x", "a.b.c", "1e30", "−1", "१२"])
def test_a_seal_that_is_none_is_refused(till: Till, browser: Client, alice: User, bad: str) -> None:
    answer = browser.post("/plans/premium_pro", {"seal": bad, "gateway": "till"})
    assert answer.status_code in {302, 422}
    assert plan_of(make.caller(alice)).slug == "basic"


@pytest.mark.parametrize("gateway", ["nobody", "till\x01", "x" * 500])
def test_a_way_to_pay_that_is_none_is_refused(till: Till, browser: Client, gateway: str) -> None:
    seal = seal_in(browser.get("/plans/premium_pro"))
    answer = browser.post("/plans/premium_pro", {"seal": seal, "gateway": gateway})
    assert answer.status_code in {400, 422}


def test_a_plan_that_is_not_sold_is_not_there(till: Till, browser: Client) -> None:
    assert browser.get("/plans/guest").status_code == 404
    assert browser.get("/plans/nothing").status_code == 404


def test_a_plan_is_ended_and_goes_on_again(till: Till, browser: Client, alice: User) -> None:
    subscribed(alice, till)
    assert "End it then" in text(browser.get("/wallet/plan/cancel"))
    seen = text(browser.post("/wallet/plan/cancel", {"when": "end"}, follow=True))
    assert "It will end." in seen
    assert mine_of(alice).cancel_asked_at
    assert "Your plan goes on." in text(browser.post("/wallet/plan/resume", follow=True))
    assert mine_of(alice).cancel_asked_at is None
    browser.post("/wallet/plan/cancel", {"when": "now"})
    assert not mine_of(alice).is_live


def test_what_is_due_is_paid_by_hand(till: Till, clock: Any, browser: Client, alice: User) -> None:
    subscribed(alice, till)
    till.card = "declines"
    clock.forward(days=31)
    work()
    make.enter(browser, alice)
    seen = text(browser.get("/wallet/plan"))
    assert "The next month is not paid" in seen
    assert "Pay 9.99 USD now" in seen
    answer = browser.post("/wallet/plan/pay", {"gateway": "till"})
    assert "https://till.example/" in answer.content.decode()
    renewal = mine_of(alice).renewal
    assert renewal
    till.pay(renewal)
    assert "not paid" not in text(browser.get("/wallet/plan"))


def test_pages_of_who_has_no_plan(till: Till, browser: Client) -> None:
    assert "Look at the plans" in text(browser.get("/wallet/plan"))
    assert browser.get("/wallet/plan/cancel").status_code == 302
    for path in ("cancel", "resume", "pay"):
        assert browser.post(f"/wallet/plan/{path}").status_code == 404


def test_the_wallet_shows_the_plan(till: Till, browser: Client, alice: User) -> None:
    subscribed(alice, till)
    assert "Renews on" in text(browser.get("/wallet"))
    assert str(plan("premium_starter").price) in text(browser.get("/wallet"))


def test_who_asks_is_told_their_plan(till: Till, browser: Client, alice: User) -> None:
    before = browser.get("/api/v1/me").json()
    assert (before["plan"], before["has_paid"], before["payment_date"]) == ("basic", False, None)
    subscribed(alice, till)
    after = browser.get("/api/v1/me").json()
    assert (after["plan"], after["has_paid"]) == ("premium_starter", True)
    assert after["payment_date"]
