"""A member's plan in a real browser, with the Sandbox and its clock; looked at by axe.

``ATRIUM_TEST_PICTURES=1`` keeps pictures of the pages in both themes and both sizes.
"""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from atrium.jobs.models import Job
from atrium.kit import clock
from atrium.payments.actions.turning import turn_clock, turn_clock_to_next
from atrium.payments.gateways.sandbox.tricks import set_next_charge
from atrium.payments.models import Payment, SandboxMethod
from atrium.people.models import User
from atrium.plans.models import Subscription
from tests import make
from tests.house.browser import sign_in
from tests.house.looking import look
from tests.payments.through_sandbox import until
from tests.plans.till import Till

pytestmark = pytest.mark.browser
UNFINISHED = (Job.State.WAITING, Job.State.SCHEDULED, Job.State.RUNNING)


@pytest.fixture
def dora(server: str, till: Till) -> User:
    return make.person(username="dora", password=make.PASSWORD)


def pay_there(page: Page) -> None:
    """Pay at the Sandbox, with the way on from its page."""
    page.wait_for_url(re.compile(r"/sandbox/checkout/"))
    page.get_by_role("button", name=re.compile(r"^Pay [0-9]")).click()
    page.wait_for_url(re.compile(r"/wallet/payments/"))
    expect(page.locator("main")).to_contain_text("Thank you.")


def choose(page: Page, name: str) -> None:
    """Choose a plan on the page of all, and agree to what is shown."""
    page.goto("/plans")
    page.locator("li.plan", has_text=name).get_by_role("link").click()


def pick_sandbox(page: Page) -> None:
    if (way := page.get_by_label("Sandbox")).count():
        way.first.check()


def card() -> SandboxMethod:
    found: SandboxMethod = SandboxMethod.objects.latest("made_at")
    return found


def to_next() -> None:
    """Turn the clock to when something is due, and wait until the worker has done it."""
    turn_clock_to_next(by="system", at=clock.now())
    busy = Job.objects.filter(name__startswith="plans.", state__in=UNFINISHED)
    until(lambda: not busy.exists(), what="the end of what was due")


def subscribe(page: Page) -> None:
    """Subscribe to the smallest plan that is paid."""
    choose(page, "Premium Starter")
    pick_sandbox(page)
    page.get_by_role("button", name="Pay 9.99 USD").click()
    pay_there(page)
    expect(page.locator("main")).to_contain_text("You have Premium Starter until")


def decline_until_it_ends(page: Page) -> None:
    """Have the renewal and every further try declined, and the grace go by."""
    set_next_charge(card(), SandboxMethod.Next.DECLINES)
    to_next()
    page.goto("/wallet/plan")
    expect(page.get_by_role("heading", name="The next month is not paid")).to_be_visible()
    look(page, "plans-past-due")
    page.goto("/wallet")
    look(page, "plans-wallet-past-due")
    for _try in range(3):
        set_next_charge(card(), SandboxMethod.Next.DECLINES)
        to_next()
    to_next()
    assert mine().state == Subscription.State.UNPAID


def mine() -> Subscription:
    found: Subscription = Subscription.objects.latest("began_at")
    return found


def test_a_member_subscribes_renews_fails_is_downgraded_and_upgrades(
    page: Page, dora: User
) -> None:
    page.goto("/plans")
    look(page, "plans-stranger")
    sign_in(page, "dora", make.PASSWORD)
    page.goto("/wallet/plan")
    look(page, "plans-free")
    choose(page, "Premium Starter")
    look(page, "plans-start")
    subscribe(page)
    page.goto("/plans")
    look(page, "plans-all")
    page.goto("/wallet/plan")
    expect(page.locator("main")).to_contain_text("Active")
    look(page, "plans-active")

    to_next()  # it renews
    page.reload()
    expect(page.locator("#months + ul > li")).to_have_count(2)

    decline_until_it_ends(page)
    page.goto("/wallet/plan")
    expect(page.get_by_role("heading", name="Basic")).to_be_visible()
    page.goto("/notifications")
    expect(page.locator("main")).to_contain_text("Premium Starter ended")

    subscribe(page)
    turn_clock(span=timedelta(days=10), by="system", at=clock.now())
    choose(page, "Premium Pro")
    look(page, "plans-upgrade")
    due = page.locator("dl.facts strong").inner_text()
    pick_sandbox(page)
    page.get_by_role("button", name=f"Pay {due}").click()
    pay_there(page)
    assert str(Payment.objects.latest("opened_at").amount) == due
    page.goto("/wallet/plan")
    expect(page.get_by_role("heading", name="Premium Pro")).to_be_visible()


def test_a_plan_is_ended_and_kept_and_made_smaller(page: Page, dora: User) -> None:
    sign_in(page, "dora", make.PASSWORD)
    choose(page, "Premium Ultra")
    pick_sandbox(page)
    page.get_by_role("button", name="Pay 99.99 USD").click()
    pay_there(page)
    page.goto("/wallet/plan")
    page.get_by_role("link", name="End it").click()
    look(page, "plans-cancel")
    page.get_by_role("button", name="End it then").click()
    expect(page.locator("main")).to_contain_text("Ends")
    look(page, "plans-ends")
    page.get_by_role("button", name="Let it go on").click()
    expect(page.locator("main")).to_contain_text("Active")
    choose(page, "Premium Starter")
    look(page, "plans-downgrade")
    page.get_by_role("button", name="Change to this plan").click()
    expect(page.locator("main")).to_contain_text("Then")
    to_next()
    page.reload()
    expect(page.get_by_role("heading", name="Premium Starter")).to_be_visible()
    choose(page, "Basic")
    look(page, "plans-end")
    page.get_by_role("button", name="End my plan then").click()
    expect(page.locator("main")).to_contain_text("Ends")


def test_finance_looks_at_plans(page: Page, dora: User) -> None:
    make.person(username="fiona", password=make.PASSWORD, staff_areas=["finance"])
    sign_in(page, "fiona", make.PASSWORD)
    for path in ("plan", "subscription"):
        page.goto(f"/console/plans/{path}/")
        look(page, f"plans-console-{path}")
