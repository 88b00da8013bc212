"""Plans for programs: the same actions as on the pages."""

from typing import Any

import pytest
from django.test import Client

from atrium.people.models import User
from tests import make
from tests.plans.till import Till, order, subscribed, work

HERE = "/api/v1/subscription"


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    return make.enter(client, alice)


def send(browser: Client, path: str, **body: Any) -> Any:
    return browser.post(
        f"{HERE}/{path}",
        body,
        "application/json",
        headers={"Origin": "http://localhost:8000", "Idempotency-Key": f"{path}-{len(body)}"},
    )


def seal_of(browser: Client, slug: str) -> str:
    seal: str = browser.get(f"{HERE}/preview?plan={slug}").json()["preview"]
    return seal


def test_plans_are_listed_with_whole_cents(till: Till, client: Client) -> None:
    items = client.get("/api/v1/plans").json()["items"]
    assert [(one["slug"], one["price"]["minor"]) for one in items] == [
        ("basic", 0),
        ("premium_starter", 999),
        ("premium_pro", 2999),
        ("premium_ultra", 9999),
        ("unlimited", 29999),
    ]
    assert [one["tokens_per_6_hours"] for one in items] == [
        *(100_000, 500_000, 2_000_000, 5_000_000, None)
    ]


def test_what_was_shown_is_what_is_to_be_paid(till: Till, browser: Client, alice: User) -> None:
    seen = browser.get(f"{HERE}/preview?plan=premium_pro").json()
    answer = send(browser, "choose", preview=seen["preview"], gateway="till")
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert told["payment"]["amount"] == seen["due"]
    assert told["payment"]["page"].endswith(f"/wallet/payments/{told['payment']['id']}")
    assert told["subscription"] is None


def test_a_plan_is_read_ended_and_let_go_on(till: Till, browser: Client, alice: User) -> None:
    assert browser.get(HERE).json()["subscription"] is None
    assert send(browser, "cancel", now=False).status_code == 404
    subscribed(alice, till)
    mine = browser.get(HERE).json()
    assert (mine["plan"]["slug"], mine["subscription"]["state"]) == ("premium_starter", "active")
    assert send(browser, "cancel").json()["cancel_at_period_end"] is True
    assert send(browser, "resume").json()["cancel_at_period_end"] is False
    assert send(browser, "pay").json()["code"] == "cannot_change_plan"


def test_what_is_due_is_told_and_paid(till: Till, clock: Any, browser: Client, alice: User) -> None:
    subscribed(alice, till)
    till.card = "declines"
    clock.forward(days=31)
    work()
    make.enter(browser, alice)
    assert browser.get(HERE).json()["subscription"]["grace_until"]
    assert send(browser, "pay", gateway="till").json()["amount"]["minor"] == 999


def test_a_second_subscription_is_refused_with_a_way_on(
    till: Till, browser: Client, alice: User
) -> None:
    seal = seal_of(browser, "premium_pro")
    subscribed(alice, till)
    refused = send(browser, "choose", preview=seal, gateway="till")
    assert refused.status_code == 409
    assert refused.json()["code"] == "already_subscribed"
    assert "/plans" in refused.json()["way_on"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"preview": "x"}, 409),
        ({"preview": "१२", "gateway": "till"}, 409),
        ({"preview": 1e30}, 422),
        ({"preview": "x" * 3000}, 422),
        ({"amount": -1, "preview": "x"}, 422),
        ({}, 422),
    ],
)
def test_bad_input_is_refused_with_a_sentence(
    till: Till, browser: Client, alice: User, body: dict[str, Any], status: int
) -> None:
    answer = send(browser, "choose", **body)
    assert answer.status_code == status
    assert answer.json()["detail"]


@pytest.mark.parametrize("slug", ["guest", "nothing", "-1", "1e30", "१२"])
def test_only_what_is_sold_is_previewed(till: Till, browser: Client, slug: str) -> None:
    assert browser.get(f"{HERE}/preview", {"plan": slug}).status_code == 404


def test_a_gateway_that_is_none_opens_no_payment(till: Till, browser: Client, alice: User) -> None:
    refused = send(browser, "choose", preview=seal_of(browser, "premium_pro"), gateway="none")
    assert refused.status_code == 422
    assert refused.json()["code"] == "cannot_pay_with"
    assert order(alice, "premium_pro")
