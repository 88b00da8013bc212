"""The whole way of money, as people walk it in a browser, on any house that has the Sandbox.

``python -m tests.house.money_walk http://localhost:8000 ADMIN PASSWORD`` walks it on a house that
stands already, such as a fresh clone's ``bin/dev``; the suite walks it on a served one.
"""

import re
import secrets
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.house.run import CHROMIUM_NAMES

PASSWORD = "correct horse battery"
PATIENCE = 60
Answer = TypeVar("Answer")


@dataclass
class Walk:
    """One walk: who opens browsers, who may refund, and what was seen."""

    open_context: Callable[[], BrowserContext]
    admin: str
    admin_password: str
    look: Callable[[Page, str], None] = lambda _page, _name: None
    said: list[str] = field(default_factory=list)

    def say(self, words: str) -> None:
        self.said.append(words)

    def all_of_it(self) -> None:
        page = self.open_context().new_page()
        self.guest_buys_and_signs_up(page)
        self.member_subscribes_and_renews(page)
        self.renewal_fails_and_plan_ends(page)
        due = self.member_upgrades_with_the_previewed_difference(page)
        refunded = self.finance_refunds(page, due)
        self.member_reads_each_line(page, refunded)
        page.goto("/sandbox")
        page.get_by_role("button", name="Back to now").click()

    def guest_buys_and_signs_up(self, page: Page) -> None:
        page.goto("/wallet/buy")
        page.get_by_label("Another amount").check()
        page.locator("[name=amount]").fill("10")
        page.get_by_role("button", name="Go on to pay").click()
        pay_there(page)
        self.look(page, "guest-paid")
        self.say(f"a guest paid: {page.get_by_role('status').first.inner_text()}")
        name = f"walker-{secrets.token_hex(4)}"
        page.goto("/sign-up")
        page.locator("[name=username]").fill(name)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main form button.primary").click()
        page.wait_for_url(lambda url: "/sign-up" not in url)
        page.goto("/wallet/payments")
        page.locator("main li a").first.click()
        page.wait_for_url(re.compile("/wallet/payments/[0-9a-f-]+"))
        receipt = page.get_by_role("link", name="PDF").get_attribute("href")
        pdf = wait_for(lambda: page.request.get(f"{receipt}"), lambda got: got.ok)
        assert pdf.body().startswith(b"%PDF"), pdf.status
        self.say(f"{name} signed up and owns it; its receipt is a PDF of {len(pdf.body())} bytes")
        page.goto("/wallet")
        self.look(page, "wallet")

    def member_subscribes_and_renews(self, page: Page) -> None:
        subscribe(page, "premium_starter")
        page.goto("/wallet/plan")
        expect(page.locator("#subscription")).to_contain_text("Active")
        before = months(page)
        turn_until(page, lambda: months(page) == before + 1)
        self.look(page, "plan-renewed")
        self.say(f"a plan was begun and renewed: {months(page)} months paid")

    def renewal_fails_and_plan_ends(self, page: Page) -> None:
        page.goto("/sandbox")
        page.locator("select[name=next_charge]").first.select_option("declines")
        page.locator("form:has(select[name=next_charge])").first.get_by_role("button").click()
        expect(page.locator("#said")).to_contain_text("The card will do that")
        turn_until(page, lambda: "Payment is due" in plan_page(page))
        self.look(page, "plan-due")
        self.say("a renewal failed: payment is due")
        turn_until(page, lambda: "Payment is due" not in plan_page(page))
        text = plan_page(page)
        assert "Look at the plans" in text
        self.look(page, "plan-ended")
        self.say("after the days of grace the plan is the free one")

    def member_upgrades_with_the_previewed_difference(self, page: Page) -> str:
        subscribe(page, "premium_starter")
        page.goto("/sandbox")
        page.get_by_role("button", name="A week on").click()
        expect(page.locator("#said")).to_contain_text("The clock is turned")
        page.goto("/plans")
        page.locator("a[href='/plans/premium_pro']").click()
        due = page.locator("main form button.primary").inner_text().removeprefix("Pay ")
        self.look(page, "preview")
        choose_sandbox(page)
        page.locator("main form button.primary").click()
        page.wait_for_url(re.compile("/sandbox/checkout/"))
        expect(page.locator(".sandbox-amount")).to_have_text(due)
        pay_there(page)
        self.say(f"an upgrade a week later cost {due}, as previewed")
        return due

    def finance_refunds(self, page: Page, due: str) -> str:
        """Refund the newest payment as finance would; return its address for the person."""
        address = page.url
        payment = address.rstrip("/").rpartition("/")[2].partition("?")[0]
        staff = self.open_context().new_page()
        staff.goto("/sign-in")
        staff.locator("[name=username]").fill(self.admin)
        staff.locator("[name=password]").fill(self.admin_password)
        staff.locator("[name=password]").press("Enter")
        staff.wait_for_url(lambda url: "/sign-in" not in url)
        staff.goto(f"/console/payments/payment/{payment}/change/")
        press(staff, "Pay back")
        staff.locator("[name=reason]").fill("They changed their mind.")
        amount = staff.locator("[name=amount]")
        if not amount.input_value():
            amount.fill(due.partition(" ")[0])
        self.look(staff, "console-refund")
        press(staff, "Pay back")
        expect(staff.locator("#said")).to_be_visible()
        return address

    def member_reads_each_line(self, page: Page, refunded: str) -> None:
        def reads() -> str:
            page.goto(refunded)
            return page.locator("main").inner_text()

        text = wait_for(reads, lambda text: "Refunded" in text)
        self.say("finance refunded it: " + " ".join(text.split())[:120])
        self.look(page, "refunded")
        page.goto("/wallet/statement")
        lines = page.locator("main table tbody tr, main .row-list > li").all_inner_texts()
        assert lines, page.locator("main").inner_text()
        for line in lines:
            self.say(f"  statement: {' '.join(line.split())[:110]}")
        self.look(page, "statement")


def press(page: Page, name: str) -> None:
    """Press what leads on, be it a button or a link that looks like one."""
    button = page.locator("main").get_by_role("button", name=name, exact=True)
    button.or_(page.locator("main").get_by_role("link", name=name, exact=True)).last.click()


def pay_there(page: Page) -> None:
    """Pay on the Sandbox's page and wait until it is known here."""
    page.wait_for_url(re.compile("/sandbox/checkout/"))
    page.get_by_role("button", name=re.compile("^Pay [0-9]")).click()
    page.wait_for_url(re.compile("/wallet/payments/"))
    chip = page.locator("#payment .chip").first
    expect(chip).to_have_text("Paid", timeout=PATIENCE * 1000)


def subscribe(page: Page, slug: str) -> None:
    page.goto("/plans")
    page.locator(f"a[href='/plans/{slug}']").click()
    page.wait_for_url(re.compile("/plans/.+"))
    choose_sandbox(page)
    page.locator("main form button.primary").click()
    pay_there(page)


def choose_sandbox(page: Page) -> None:
    if (way := page.locator("input[type=radio][value=sandbox]")).count():
        way.first.check()


def turn_until(page: Page, comes: Callable[[], bool]) -> None:
    """Turn the clock to what is due next, and again if that was somebody else's."""
    for _time in range(10):
        page.goto("/sandbox")
        page.get_by_role("button", name="To what is due next").click()
        expect(page.locator("#said")).to_contain_text("The clock is turned")
        give_up = time.monotonic() + 10
        while time.monotonic() < give_up:
            if comes():
                return
            time.sleep(0.5)
    raise AssertionError("nothing that was due did it")


def plan_page(page: Page) -> str:
    page.goto("/wallet/plan")
    return page.locator("main").inner_text()


def months(page: Page) -> int:
    page.goto("/wallet/plan")
    return page.locator("section[aria-labelledby=months] li").count()


def wait_for(ask: Callable[[], Answer], fits: Callable[[Answer], bool]) -> Answer:
    """Ask again and again until the answer fits, and return it."""
    give_up = time.monotonic() + PATIENCE
    while not fits(answer := ask()):
        assert time.monotonic() < give_up, f"it stayed {answer!r}"
        time.sleep(0.3)
    return answer


def _patient(context: BrowserContext) -> BrowserContext:
    context.set_default_timeout(PATIENCE * 1000)
    return context


def main(address: str, admin: str, password: str) -> None:
    with sync_playwright() as driver:
        opened: Browser = driver.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, CHROMIUM_NAMES))),
            args=["--no-sandbox"],
        )
        walk = Walk(lambda: opened.new_context(base_url=address, locale="en-GB"), admin, password)
        try:
            walk.all_of_it()
        finally:
            sys.stdout.write("\n".join([*walk.said, ""]))
            opened.close()


if __name__ == "__main__":
    main(*sys.argv[1:4])
