from dataclasses import replace
from typing import Any

import pytest

from atrium.kit import clock
from atrium.kit.credits import MICRO
from atrium.kit.errors import Refusal
from atrium.kit.limits import LIMITS
from atrium.kit.money import Money
from atrium.ledger import actions as ledger
from atrium.ledger.models import Account, Entry
from atrium.ledger.queries import first_difference
from atrium.options.actions import set_option
from atrium.options.registry import BadValue
from atrium.payments.actions import CannotPayWith, OtherPayment
from atrium.payments.learning import learn_progress
from atrium.payments.models import Payment
from atrium.payments.states import (
    DisputeFact,
    DisputeRank,
    Progress,
    RefundFact,
    RefundRank,
    State,
)
from atrium.people.actions import claim_guest, undo_claim
from atrium.people.models import User
from atrium.plans.actions import buying
from atrium.plans.actions.buying import (
    NotForSale,
    PriceChanged,
    TooManyPurchases,
    find_offer,
)
from atrium.plans.models import Package, Purchase
from atrium.plans.offers import Wanted, credits_for, price_for, share
from tests import make
from tests.plans.shop import credits_of, debt_of, ordered, package
from tests.plans.till import Till

pytestmark = pytest.mark.django_db


def option(key: str, text: object) -> None:
    set_option(key=key, text=str(text), by="system", at=clock.now())


def spend(who: User, of_them: float) -> None:
    """Charge so many credits."""
    platform = ledger.Move("platform", Account.Purpose.REVENUE, int(of_them * MICRO))
    wallet = ledger.Move(make.caller(who).audience, Account.Purpose.WALLET, -int(of_them * MICRO))
    ledger.post(key=f"spent:{clock.now()}", kind="settle", legs=[platform, wallet], at=clock.now())


def back(minor: int, *, rank: RefundRank = RefundRank.DONE, name: str = "r1") -> RefundFact:
    return RefundFact(name, minor, rank)


def test_a_package_that_is_paid_gives_its_credits_once(alice: User, till: Till) -> None:
    payment = ordered(alice)
    assert (payment.amount, credits_of(alice)) == (Money(499, "USD"), 0)
    till.pay(payment)
    till.pay(payment)
    assert credits_of(alice) == 50
    assert Purchase.objects.get().package == package()
    assert first_difference() is None


def test_a_free_amount_buys_credits_at_the_rate_of_now_and_later_changes_touch_nothing(
    alice: User, till: Till
) -> None:
    payment = ordered(alice, amount="12.50")
    option("credits.per_dollar", 8)
    till.pay(payment)
    assert credits_of(alice) == 125
    assert payment.snapshot["credits_per_dollar"] == 10
    till.pay(ordered(alice, amount="12.50"))
    assert credits_of(alice) == 125 + 100
    payment.refresh_from_db()
    assert payment.snapshot["credits_per_dollar"] == 10


def test_a_package_that_changed_meanwhile_gives_what_was_bought(alice: User, till: Till) -> None:
    payment = ordered(alice)
    Package.objects.update(credits=1, price_minor=1, is_sold=False)
    till.pay(payment)
    assert credits_of(alice) == 50


BAD_AMOUNTS = [
    *("-1", "0", "0.00", "1e30", "१२", "NaN", "1,5", "9" * 30, "", " ", "inf", "−5", "+5", "0x1"),
    *("1.001", "0.99", "1000.01", "5 USD", "１２", "\x00", "1\n2"),
]


@pytest.mark.parametrize("text", BAD_AMOUNTS)
def test_what_is_no_amount_is_refused_with_a_sentence(alice: User, till: Till, text: str) -> None:
    with pytest.raises(NotForSale) as refused:
        ordered(alice, amount=text)
    assert refused.value.fields["amount"]
    assert not Payment.objects.exists()


@pytest.mark.parametrize("wanted", [{"currency": "XXX"}, {"currency": "EUR"}, {"currency": ""}])
def test_amounts_are_free_in_dollars_only(alice: User, till: Till, wanted: Any) -> None:
    with pytest.raises(NotForSale):
        ordered(alice, amount="5", **wanted)


@pytest.mark.parametrize("key", ["nonsense", "0" * 32, "' OR 1=1"])
def test_a_package_that_is_not_there_is_not_sold(alice: User, till: Till, key: str) -> None:
    with pytest.raises(NotForSale) as refused:
        ordered(alice, package=key)
    assert refused.value.fields["package"]


def test_a_package_that_is_no_longer_sold_is_not_sold(alice: User, till: Till) -> None:
    Package.objects.update(is_sold=False)
    with pytest.raises(NotForSale):
        ordered(alice, package=str(Package.objects.all()[0].pk))


def test_a_price_that_changed_is_refused_with_both_numbers(alice: User, till: Till) -> None:
    chosen = package()
    seen: dict[str, Any] = {"package": str(chosen.pk), "price_minor": 499, "credits": 50 * MICRO}
    Package.objects.filter(pk=chosen.pk).update(price_minor=599)
    with pytest.raises(PriceChanged) as refused:
        ordered(alice, **seen)
    assert "50.00 credits for 4.99 USD" in refused.value.detail
    assert "50.00 credits for 5.99 USD" in refused.value.detail
    option("credits.per_dollar", 8)
    with pytest.raises(PriceChanged) as refused:
        ordered(alice, amount="5", rate=10)
    assert "10 credits" in refused.value.detail
    assert "8 credits" in refused.value.detail
    assert not Payment.objects.exists()


@pytest.mark.parametrize("text", ["0", "-1", "100001", "1.5", "१२", "NaN", "1e3", ""])
def test_a_rate_that_cannot_be_is_no_option(text: str, db: None) -> None:
    with pytest.raises(BadValue):
        option("credits.per_dollar", text)


def test_more_credits_than_the_books_can_hold_are_refused(alice: User, till: Till) -> None:
    option("credits.per_dollar", 100_000)
    option("credits.most_cents", 100_000_000)
    with pytest.raises(NotForSale):
        ordered(alice, amount="1000000")


def test_a_gateway_that_does_not_take_the_currency_is_refused(alice: User, till: Till) -> None:
    with pytest.raises(CannotPayWith):
        ordered(alice, package=str(package("NPR").pk))
    with pytest.raises(CannotPayWith):
        ordered(alice, gateway="nowhere")


def test_the_same_key_opens_one_payment_and_names_nothing_else(
    alice: User, bob: User, till: Till
) -> None:
    first = ordered(alice, key="k")
    assert ordered(alice, key="k") == first
    assert ordered(bob, key="k") != first
    with pytest.raises(OtherPayment):
        ordered(alice, key="k", amount="5")


def test_payments_are_not_opened_without_end(
    alice: User, bob: User, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buying, "LIMITS", replace(LIMITS, purchases_an_hour=2))
    first = ordered(alice, key="first")
    ordered(alice)
    with pytest.raises(TooManyPurchases) as refused:
        ordered(alice)
    assert refused.value.retry_at
    assert ordered(alice, key="first") == first
    assert ordered(bob).state == "pending"


def test_a_guest_buys_and_signs_up_and_owns_the_credits(alice: User, till: Till) -> None:
    guest = make.guest()
    payment = ordered(guest)
    till.pay(payment)
    assert credits_of(guest) == 50
    claim = claim_guest(guest=guest, person=alice, at=clock.now())
    assert (credits_of(guest), credits_of(alice)) == (0, 50)
    till.pay(payment, refunds=(back(499),))
    assert credits_of(alice) == 0
    assert first_difference() is None
    assert claim
    with pytest.raises(Refusal):
        undo_claim(claim=claim, at=clock.now())


def test_what_a_guest_pays_after_the_claim_is_the_persons(alice: User, till: Till) -> None:
    guest = make.guest()
    payment = ordered(guest)
    claim_guest(guest=guest, person=alice, at=clock.now())
    payment.refresh_from_db()
    till.pay(payment)
    assert credits_of(alice) == 50


# When money goes back


def test_parts_that_go_back_take_their_share_and_sum_to_the_whole(alice: User, till: Till) -> None:
    payment = ordered(alice)
    till.pay(payment)
    till.pay(payment, refunds=(back(166),))
    assert credits_of(alice) * MICRO == 50 * MICRO - 50 * MICRO * 166 // 499
    till.pay(payment, refunds=(back(166), back(333, name="r2")))
    assert (credits_of(alice), debt_of(alice)) == (0, 0)
    till.pay(payment, refunds=(back(166), back(333, name="r2")))
    assert credits_of(alice) == 0
    assert first_difference() is None


def test_what_was_spent_is_owed_and_paid_from_what_comes_next(alice: User, till: Till) -> None:
    payment = ordered(alice)
    till.pay(payment)
    spend(alice, 30)
    till.pay(payment, refunds=(back(499),))
    assert (credits_of(alice), debt_of(alice)) == (0, 30)
    till.pay(ordered(alice))
    assert (credits_of(alice), debt_of(alice)) == (20, 0)
    assert first_difference() is None


def test_what_was_spent_is_written_off_where_the_operator_says_so(alice: User, till: Till) -> None:
    option("credits.spent_before_refund", "written_off")
    payment = ordered(alice)
    till.pay(payment)
    spend(alice, 30)
    till.pay(payment, refunds=(back(499),))
    assert (credits_of(alice), debt_of(alice)) == (0, 0)
    assert Purchase.objects.get().written_off == 30 * MICRO
    assert first_difference() is None


@pytest.mark.parametrize("rule", ["owed", "written_off"])
def test_a_refund_that_failed_after_all_gives_back_what_it_took(
    alice: User, till: Till, rule: Any
) -> None:
    option("credits.spent_before_refund", rule)
    payment = ordered(alice)
    till.pay(payment)
    spend(alice, 30)
    till.pay(payment, refunds=(back(499),))
    failed = till.pay(payment, refunds=(back(499, rank=RefundRank.FAILED),))
    assert failed.state == State.PAID
    assert (credits_of(alice), debt_of(alice)) == (20, 0)
    assert Purchase.objects.get().written_off == 0
    assert first_difference() is None


def test_a_dispute_freezes_what_is_left_and_won_it_thaws(alice: User, till: Till) -> None:
    payment = ordered(alice)
    till.pay(payment)
    spend(alice, 30)
    till.pay(payment, disputes=(DisputeFact("d", 499, DisputeRank.OPENED),))
    assert credits_of(alice) == 0
    till.pay(payment, disputes=(DisputeFact("d", 499, DisputeRank.WON),))
    assert (credits_of(alice), debt_of(alice)) == (20, 0)
    assert first_difference() is None


def test_a_dispute_that_is_lost_takes_all_back(alice: User, till: Till) -> None:
    payment = ordered(alice)
    till.pay(payment)
    spend(alice, 30)
    till.pay(payment, disputes=(DisputeFact("d", 499, DisputeRank.OPENED),))
    till.pay(payment, disputes=(DisputeFact("d", 499, DisputeRank.LOST),))
    assert (credits_of(alice), debt_of(alice)) == (0, 30)
    assert first_difference() is None


def test_what_was_never_paid_gives_nothing_and_late_it_still_counts(
    alice: User, till: Till
) -> None:
    payment = ordered(alice)
    learn_progress(payment=payment, progress=Progress.CANCELLED, at=clock.now())
    assert credits_of(alice) == 0
    till.pay(payment)
    assert credits_of(alice) == 50
    assert Entry.objects.filter(kind="bought").count() == 1


# Arithmetic


@pytest.mark.once
@pytest.mark.parametrize("rate", [1, 7, 10, 100_000])
@pytest.mark.parametrize("need", [1, 999_999, MICRO, 7_654_321])
def test_the_least_price_for_so_many_credits_buys_them_and_a_cent_less_does_not(
    rate: Any, need: Any
) -> None:
    price = price_for(need, per_dollar=rate)
    assert credits_for(price, per_dollar=rate) >= need
    less = Money(price.minor - 1, "USD")
    assert credits_for(less, per_dollar=rate) < need


@pytest.mark.once
def test_shares_grow_with_the_money_and_end_with_all_of_it() -> None:
    shares = [share(7_654_321, of_minor=999, back_minor=minor) for minor in range(1000)]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 7_654_321)


def test_an_offer_says_nothing_of_a_coupon_where_there_is_none(alice: User, till: Till) -> None:
    offer = find_offer(wanted=Wanted(amount="5"), by=make.caller(alice), at=clock.now())
    assert (offer.due, offer.off.minor, offer.credits) == (Money(500, "USD"), 0, 50 * MICRO)
