"""Staff change what is offered and overrule a subscription, for a reason."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from atrium.audit.models import AuditEntry
from atrium.notifications.models import Notification
from atrium.payments.models import Payment
from atrium.payments.states import RefundFact, RefundRank
from atrium.people.models import User
from atrium.plans.models import Allowance, Period, Plan
from atrium.plans.queries import plan_of
from tests import make
from tests.plans.till import Till, mine_of, plan, subscribed, work

GOOD = {
    "name": "Premium Starter",
    "price": "9.99",
    "currency": "USD",
    "tokens": "500000",
    "credits": "50",
    "storage": "20",
    "order": "30",
}


@pytest.fixture
def finance(client: Client, db: None) -> Client:
    staff = make.person(username="fiona", staff_areas=["finance"])
    return make.enter(client, staff)


def press(client: Client, thing: Any, deed: str, /, **told: str) -> Any:
    kind = thing._meta.model_name
    return client.post(f"/console/plans/{kind}/{thing.pk}/do/{deed}/", told, follow=True)


def test_a_plan_is_made_and_put_on_sale(till: Till, finance: Client, alice: User) -> None:
    told = {**GOOD, "slug": "small", "name": "Small", "price": "4.50"}
    made = finance.post(reverse("admin:plans_plan_new"), told, follow=True)
    assert b"The plan is made" in made.content
    assert finance.get("/plans/small").status_code == 404
    press(finance, plan("small"), "sell")
    assert plan("small").is_sold
    assert plan("small").price_minor == 450
    press(finance, plan("small"), "withdraw")
    assert not plan("small").is_sold
    kinds = AuditEntry.objects.filter(about_kind="plan").order_by("number")
    assert list(kinds.values_list("action", flat=True)) == [
        *("plan.added", "plan.put_on_sale", "plan.taken_off_sale")
    ]


def test_a_price_that_rises_is_told_to_who_has_the_plan(
    till: Till, clock: Any, finance: Client, alice: User
) -> None:
    subscribed(alice, till)
    press(finance, plan("premium_starter"), "change", **{**GOOD, "price": "12.50"})
    work()
    work()
    changed = plan("premium_starter")
    assert (changed.price_minor, changed.price_changed_at) == (1250, clock.now)
    told = Notification.objects.filter(person=alice, kind="plans.price_rises")
    assert [one.params["price"] for one in told] == ["12.50 USD"]
    assert mine_of(alice).price_minor == 999


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("price", text) for text in ("-1", "0", "1e30", "NaN", "१२", "1,5", "9.999", "")),
        *(("tokens", text) for text in ("-2", "1e9", "१२", "1.5", "10" * 10, "")),
        *(("credits", text) for text in ("-1", "1e9", "½", "9" * 12)),
        *(("storage", text) for text in ("-1", "x", "9" * 9)),
        ("name", ""),
    ],
)
def test_bad_terms_change_nothing(till: Till, finance: Client, name: str, text: str) -> None:
    before = Plan.objects.values().get(slug="premium_starter")
    answer = press(finance, plan("premium_starter"), "change", **{**GOOD, name: text})
    assert answer.status_code == 422
    assert Plan.objects.values().get(slug="premium_starter") == before


def test_a_free_plan_stays_free_and_a_currency_stays(till: Till, finance: Client) -> None:
    answer = press(finance, plan("basic"), "change", **{**GOOD, "credits": "0"})
    assert "stays free" in answer.content.decode()
    answer = press(finance, plan("premium_pro"), "change", **{**GOOD, "currency": "EUR"})
    assert "currency of a plan stays" in answer.content.decode()


def test_only_what_a_room_counts_is_allowed(till: Till, finance: Client) -> None:
    answer = press(finance, plan("basic"), "allow", action="nothing", per_month="3")
    assert "No room counts that." in answer.content.decode()
    assert not Allowance.objects.exists()


def test_a_subscription_is_extended_for_a_reason(
    till: Till, clock: Any, finance: Client, alice: User
) -> None:
    before = subscribed(alice, till).period_ends_at
    press(finance, mine_of(alice), "extend", days="10", reason="It was down for a week.")
    mine = mine_of(alice)
    assert mine.period_ends_at == before + timedelta(days=10)
    assert mine.periods.filter(kind=Period.Kind.EXTENSION).count() == 1
    noted = AuditEntry.objects.get(action="subscription.extended")
    assert "It was down for a week." in noted.detail_json
    clock.now = mine.period_ends_at
    work()
    assert mine_of(alice).period_began_at == mine.period_ends_at


@pytest.mark.parametrize("days", ["0", "-1", "367", "1e3", "१२", "1.5", ""])
def test_bad_days_extend_nothing(till: Till, finance: Client, alice: User, days: str) -> None:
    before = subscribed(alice, till).period_ends_at
    answer = press(finance, mine_of(alice), "extend", days=days, reason="x")
    assert answer.status_code == 422
    assert mine_of(alice).period_ends_at == before


def test_a_subscription_is_ended_for_a_reason(till: Till, finance: Client, alice: User) -> None:
    subscribed(alice, till)
    assert press(finance, mine_of(alice), "end", reason="").status_code == 422
    press(finance, mine_of(alice), "end", reason="Fraud.")
    assert plan_of(make.caller(alice)).slug == "basic"
    assert mine_of(alice).ended_why == "staff"


def test_a_refund_after_an_extension_still_ends_the_plan(
    till: Till, finance: Client, alice: User
) -> None:
    subscribed(alice, till)
    press(finance, mine_of(alice), "extend", days="10", reason="Kindness.")
    payment = Payment.objects.get(person=alice)
    till.pay(payment, refunds=(RefundFact("r", 999, RefundRank.DONE),))
    assert plan_of(make.caller(alice)).slug == "basic"


def test_lists_and_pages_open(till: Till, finance: Client, alice: User) -> None:
    subscribed(alice, till)
    for thing in (mine_of(alice), plan("basic")):
        kind = thing._meta.model_name
        assert finance.get(f"/console/plans/{kind}/").status_code == 200
        assert finance.get(f"/console/plans/{kind}/{thing.pk}/change/").status_code == 200
