"""What people read of their usage: the meter, the page, the lists and their tables."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from atrium.kit import clock as kit_clock
from atrium.metering.actions import log_use, release, settle
from atrium.metering.models import Receipt
from atrium.metering.queries import credits_may_pay
from atrium.people.caller import Caller
from atrium.people.models import Guest, User
from atrium.people.queries import GUEST_COOKIE
from tests import make
from tests.conftest import Clock
from tests.metering.calls import call, end


@pytest.fixture
def browser(alice: User, clock: Clock) -> Client:
    alice.joined_at = clock.now
    alice.save()
    return make.enter(Client(), alice)


def read(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def table(browser: Client, address: str) -> list[str]:
    answer: Any = browser.get(address)
    assert answer.headers["Content-Type"].startswith("text/csv")
    return b"".join(answer.streaming_content).decode().splitlines()


def uses(by: Caller, tokens: int) -> Receipt:
    return end(call(by, tokens, at=kit_clock.now()), tokens, at=kit_clock.now())


@pytest.mark.parametrize(
    ("tokens", "says"),
    [
        (79, "New at 18:00"),
        (80, "Little is left. New at 18:00"),
        (95, "Almost all used. New at 18:00"),
    ],
)
def test_the_rail_says_how_full_the_window_is(
    browser: Client, by: Caller, tokens: int, says: str
) -> None:
    uses(by, tokens)

    page = read(browser, "/files")
    assert f"{tokens} %" in page
    assert f"<small>{says}</small>" in page
    assert 'href="/usage"' in page


def test_a_window_that_has_not_begun_says_so(browser: Client, by: Caller) -> None:
    page = read(browser, "/usage")

    assert "6 hours from the first one" in page
    assert "Nothing yet" in page


def test_a_guest_is_told_when_little_is_left(by: Caller, clock: Clock, client: Client) -> None:
    client.get("/usage")
    assert GUEST_COOKIE in client.cookies
    guest = make.caller(Guest.objects.get())
    assert "You are a guest" in read(client, "/files")
    uses(guest, 80)
    assert "Little is left" in read(client, "/files")


def test_the_page_shows_the_window_the_month_and_the_days(browser: Client, by: Caller) -> None:
    uses(by, 40)
    uses(by, 20)

    page = read(browser, "/usage")

    for said in ("Your month", "Generations", "The last 30 days", "By model", "Reader", "Chat"):
        assert said in page
    assert page.count('<svg class="sparkline"') == 3
    assert "60 tokens" in page


def test_a_person_lets_their_credits_pay_and_no_longer(browser: Client, by: Caller) -> None:
    assert not credits_may_pay(by)
    assert "Let my credits pay" in read(browser, "/usage")
    assert browser.post("/usage/credits", {"allowed": "yes"}).status_code == 302
    assert credits_may_pay(by)
    assert "Do not use my credits" in read(browser, "/usage")
    browser.post("/usage/credits", {"allowed": "no"})
    assert not credits_may_pay(by)


def test_receipts_are_listed_filtered_and_sent_as_a_table(
    browser: Client, by: Caller, bob: User
) -> None:
    first = uses(by, 40)
    others = uses(make.caller(bob), 30)
    release(receipt=call(by, 10, at=kit_clock.now()), at=kit_clock.now())

    page = read(browser, "/usage/receipts")
    assert str(first.pk) in page
    assert str(others.pk) not in page
    assert "from the plan" in page
    assert "not charged" in page
    assert str(first.pk) not in read(browser, "/usage/receipts?payer=credits")
    assert str(first.pk) not in read(browser, "/usage/receipts?since=2026-11-22")
    assert str(first.pk) in read(browser, "/usage/receipts?model=reader&until=2026-11-21")
    assert browser.get("/usage/receipts?payer=nobody").status_code == 422
    assert browser.get("/usage/receipts.csv?since=yesterday").status_code == 422

    rows = table(browser, "/usage/receipts.csv")
    assert len(rows) == 3
    assert f'"settled","0","40","0.000000","{first.pk}"' in rows[1]


def test_the_log_says_what_failed(browser: Client, by: Caller) -> None:
    uses(by, 40)
    log_use(owner=by.as_owner(), action="sources.read", success=False, at=kit_clock.now())

    assert "Document read" in read(browser, "/usage/log?only=failed")
    assert "Document read" not in read(browser, "/usage/log?only=done")
    rows = table(browser, "/usage/log.csv")
    assert len(rows) == 3
    assert '"sources.read","false"' in rows[2]


def test_staff_see_what_everybody_used_beside_what_it_brought_in(
    browser: Client, by: Caller, bob: User, clock: Clock
) -> None:
    uses(by, 40)
    uses(make.caller(bob), 50)
    assert browser.get("/console/usage").status_code == 403

    boss = make.enter(Client(), make.admin())
    page = read(boss, "/console/usage")
    assert "90 tokens" in page
    assert "Worth of all calls, in credits" in page
    assert "Tokens today" in read(boss, "/console/")
    assert "Message in a chat" in read(boss, "/console/metering/usagelog/?success__exact=1")
    assert len(table(boss, "/console/metering/usagelog/table.csv")) == 3


def test_the_api_tells_the_same(browser: Client, by: Caller, clock: Clock) -> None:
    done = uses(by, 40)
    settle(receipt=call(by, 10, at=clock.now), tokens_in=1, tokens_out=2, at=clock.now)

    me = browser.get("/api/v1/me").json()["window"]
    assert (me["limit"], me["used"]) == (100, 43)
    assert me["resets_at"] == (clock.now + timedelta(hours=6)).isoformat().replace("+00:00", "Z")
    used = browser.get("/api/v1/usage").json()
    assert used["sums"]["tokens"] == 43
    assert used["month"]["counted"]["generations"] == 2
    receipts = browser.get("/api/v1/receipts?payer=window").json()["items"]
    assert [one["tokens_out"] for one in receipts] == [2, 40]
    assert receipts[1]["id"] == str(done.pk)
    assert browser.get("/api/v1/receipts?payer=nobody").status_code == 422
    assert [one["success"] for one in browser.get("/api/v1/usage/log").json()["items"]] == [
        True,
        True,
    ]
    said = browser.put("/api/v1/usage/credits", {"allowed": True}, "application/json")
    assert said.json() == {"allowed": True}
    assert browser.get("/api/v1/usage").json()["credits_pay"] is True


def test_a_full_window_is_refused_with_the_numbers_and_the_way_on(
    browser: Client, by: Caller
) -> None:
    uses(by, 100)

    refused = browser.post("/api/v1/chats", {"text": "Why?"}, "application/json")

    told = refused.json()
    assert (refused.status_code, told["code"], told["limit"]) == (429, "window_full", 100)
    assert "/plans" in told["way_on"]
