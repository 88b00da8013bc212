"""Each call has exactly one payer, and nobody pays who did not say so."""

import pytest
from django.db import IntegrityError, transaction

from atrium.engines.models import Model
from atrium.kit.ids import new_id
from atrium.ledger.actions import NotEnough, grant
from atrium.ledger.queries import balance_of
from atrium.metering.actions import (
    PlanTooLow,
    ShareUsedUp,
    WindowFull,
    let_credits_pay,
    release,
    reserve,
    settle,
)
from atrium.metering.models import Receipt, Share
from atrium.metering.payer import Payer
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.plans.models import Plan
from tests import make
from tests.metering.calls import NOON, call, end, used, with_credits


def test_credits_pay_for_all_of_a_call_that_the_window_does_not_reach_if_they_may(
    by: Caller,
) -> None:
    with_credits(by, 1_000)
    end(call(by, 90), 90)
    with pytest.raises(WindowFull) as refused:
        call(by, 50)
    assert refused.value.link == "/usage"
    assert "Let your credits pay" in refused.value.way_on

    let_credits_pay(by=by, allowed=True, at=NOON)
    paid = end(call(by, 50), 40)

    assert (paid.payer, paid.charged, paid.window) == (Receipt.Payer.CREDITS, 40, None)
    assert (used(by), balance_of(by.audience)) == (90, 960)
    assert end(call(by, 10), 10).payer == Receipt.Payer.WINDOW
    assert balance_of(by.audience) == 960
    let_credits_pay(by=by, allowed=False, at=NOON)
    with pytest.raises(WindowFull):
        call(by, 1)


def test_credits_may_pay_for_one_call_alone(by: Caller) -> None:
    with_credits(by, 1_000)

    paid = end(call(by, 50, payer=Payer(caller=by, use_credits=True)), 50)

    assert (paid.charged, used(by), balance_of(by.audience)) == (50, 0, 950)


def test_what_costs_no_credits_is_not_paid_with_them(by: Caller) -> None:
    let_credits_pay(by=by, allowed=True, at=NOON)
    end(call(by, 100), 100)

    with pytest.raises(WindowFull):
        call(by, 1)


def test_the_credits_of_a_guest_who_bought_some_pay_without_being_asked(by: Caller) -> None:
    guest = make.caller(make.guest())
    with_credits(guest, 30)
    end(call(guest, 100), 100)

    assert end(call(guest, 30), 30).payer == Receipt.Payer.CREDITS
    with pytest.raises(NotEnough):
        call(guest, 1)


def test_what_tokens_do_not_count_costs_credits(by: Caller) -> None:
    with_credits(by, 100)
    picture = reserve(
        by=by,
        model=Model.objects.get(),
        tokens_in=0,
        most_tokens_out=0,
        fixed=60,
        about=("picture", new_id()),
        key="picture",
        at=NOON,
    )
    assert balance_of(by.audience) == 40

    settled = settle(receipt=picture, tokens_in=0, tokens_out=0, fixed=30, at=NOON)
    assert (settled.charged, balance_of(by.audience)) == (30, 70)


def test_a_model_may_be_for_larger_plans_alone(by: Caller) -> None:
    with_credits(by, 100)
    Model.objects.update(lowest_tier=30)

    with pytest.raises(PlanTooLow) as refused:
        call(by, 1, payer=Payer(caller=by, use_credits=True))
    assert (refused.value.status, refused.value.link) == (403, "/plans")
    assert "Premium Starter" in refused.value.way_on
    Plan.objects.filter(slug="basic").update(order=30)
    assert call(by, 1).reserved == 1


def test_the_owner_pays_for_others_up_to_a_bound(by: Caller, bob: User) -> None:
    asks = make.caller(bob)
    owner = Payer(caller=by, share="chat:1", most_tokens=50)

    paid = end(call(asks, 40, payer=owner), 30)
    assert (paid.person, paid.paid_by) == (bob, by.audience)
    assert (used(by), used(asks)) == (30, 0)
    with pytest.raises(ShareUsedUp) as refused:
        call(asks, 21, payer=owner)
    assert (refused.value.limit, refused.value.used) == (50, 30)
    assert used(by) == 30
    release(receipt=call(asks, 20, payer=owner), at=NOON)
    assert Share.objects.get().tokens == 30


def test_a_pool_pays_with_its_credits_alone(by: Caller) -> None:
    Model.objects.update(output_price=1_000_000)
    pool = f"pool:{new_id()}"
    grant(holder=pool, amount=50, key="pool", kind="gift", at=NOON)

    paid = end(call(by, 50, payer=Payer(pool=pool)), 45)

    assert (paid.charged, paid.paid_by, balance_of(pool), used(by)) == (45, pool, 5, 0)
    with pytest.raises(NotEnough):
        call(by, 6, payer=Payer(pool=pool))


def test_the_database_itself_holds_that_one_pays(by: Caller) -> None:
    paid = end(call(by, 10), 10)

    for change in ({"charged": 1}, {"payer": "credits"}, {"tokens_out": 11}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Receipt.objects.filter(pk=paid.pk).update(**change)
