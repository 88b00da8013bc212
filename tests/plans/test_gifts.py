from datetime import timedelta

import pytest
from django.core.management import call_command

from atrium.kit import clock
from atrium.kit.credits import MICRO
from atrium.kit.errors import Refusal
from atrium.ledger.queries import balance_of, first_difference
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.plans.actions.renewal import attend
from atrium.plans.models import Subscription
from atrium.plans.queries import plan_of
from tests import make

pytestmark = pytest.mark.django_db


def account(*words: str) -> User:
    call_command(
        "account", "create", "--username", "nora", "--password", make.PASSWORD, *words, "--json"
    )
    return User.objects.get(username="nora")


def test_an_account_begins_with_credits() -> None:
    nora = account("--credits", "12.5")
    assert balance_of(f"person:{nora.pk}") == 12_500_000
    assert first_difference() is None


def test_a_plan_that_is_given_goes_on_and_costs_nothing() -> None:
    nora = account("--plan", "premium-pro")
    assert plan_of(Caller(person=nora)).slug == "premium_pro"
    given = Subscription.objects.get()
    ends = given.period_ends_at
    attend(subscription=given, at=ends + timedelta(hours=1))
    given.refresh_from_db()
    assert (given.state, given.price_minor) == ("active", 0)
    assert given.period_ends_at > ends
    assert balance_of(f"person:{nora.pk}") == 2 * given.plan.monthly_credits
    assert clock.now() < ends
    assert given.plan.monthly_credits >= MICRO


def test_the_free_plan_is_everybodys() -> None:
    nora = account("--plan", "basic", "--credits", "0")
    assert plan_of(Caller(person=nora)).slug == "basic"
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("credits_told", ["-1", "1e30", "NaN", "१२", "0.0000001", "ten"])
def test_what_is_no_number_of_credits_makes_no_account(credits_told: str) -> None:
    with pytest.raises(Refusal):
        account("--credits", credits_told)
    assert not User.objects.exists()
