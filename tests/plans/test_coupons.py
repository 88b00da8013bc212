from datetime import timedelta
from typing import Any

import pytest

from atrium.kit import clock
from atrium.kit.credits import MICRO
from atrium.kit.errors import Refusal
from atrium.kit.limits import LIMITS
from atrium.kit.money import Money
from atrium.ledger.queries import first_difference
from atrium.payments.learning import learn_progress
from atrium.payments.models import Payment
from atrium.payments.states import Progress, State
from atrium.people.actions import claim_guest
from atrium.people.models import User
from atrium.plans import codes
from atrium.plans.actions.coupons import (
    BadCoupon,
    CouponSpent,
    CouponUsed,
    NotACoupon,
    TooManyCodes,
    end_coupon,
    find_coupon,
    redeem,
)
from atrium.plans.models import Coupon, CouponUse
from tests import make
from tests.jobs.racing import race
from tests.plans.shop import coupon, credits_of, ordered, package
from tests.plans.till import Till

pytestmark = pytest.mark.django_db


def find(code: str, who: Any = None, *, address: str = "") -> Coupon:
    return find_coupon(code=code, by=make.caller(who), address=address, at=clock.now())


def left(made: Coupon) -> int:
    made.refresh_from_db()
    return made.uses_left


def test_a_code_is_long_shown_once_and_kept_as_a_hash(db: None) -> None:
    made, code = coupon()
    assert len(codes.plain(code)) >= 12
    assert codes.plain(code) not in str(Coupon.objects.values().get())
    assert made.prefix == code[:4]
    assert find(code) == made


@pytest.mark.once
def test_a_code_is_read_however_it_is_typed() -> None:
    code = codes.mint()
    assert codes.plain(code.lower().replace("-", " ")) == codes.plain(code)
    assert codes.plain("oIlO-0000-0000-0000") == "0110" + "0" * 12
    assert codes.plain("１" * 16) == codes.plain("") == codes.plain("A" * 15) == ""


def test_percent_off_is_rounded_in_our_favour_and_kept_in_the_payment(
    alice: User, till: Till
) -> None:
    _made, code = coupon(percent=15)
    payment = ordered(alice, coupon=code)
    assert payment.amount == Money(499 - 74, "USD")
    assert (payment.snapshot["off_minor"], payment.snapshot["price_minor"]) == (74, 499)
    till.pay(payment)
    assert credits_of(alice) == 50


def test_an_amount_off_is_never_more_than_the_price_and_of_its_currency_alone(
    alice: User, till: Till
) -> None:
    _made, code = coupon(off_minor=200, currency="USD")
    assert ordered(alice, coupon=code).amount == Money(299, "USD")
    _made, code = coupon(off_minor=900, currency="EUR")
    with pytest.raises(BadCoupon) as refused:
        ordered(alice, coupon=code)
    assert "EUR" in refused.value.detail


def test_what_a_coupon_makes_free_needs_no_gateway_and_is_there_at_once(
    alice: User, till: Till
) -> None:
    _made, code = coupon(percent=100)
    payment = ordered(alice, coupon=code, gateway="")
    assert (payment.state, payment.amount_minor, payment.gateway) == (State.PAID, 0, "")
    assert credits_of(alice) == 50
    assert first_difference() is None


def test_what_costs_nothing_needs_an_account(till: Till) -> None:
    guest = make.guest()
    _made, free = coupon(percent=100)
    _made, gift = coupon(credits=5 * MICRO)
    with pytest.raises(BadCoupon):
        ordered(guest, coupon=free)
    with pytest.raises(BadCoupon):
        redeem(coupon=find(gift), by=make.caller(guest), at=clock.now())
    assert not Payment.objects.exists()


def test_a_coupon_of_credits_gives_them_once_to_each_as_often_as_it_works(
    alice: User, bob: User, charlie: User
) -> None:
    made, code = coupon(credits=5 * MICRO, uses=2)
    for person in (alice, bob):
        redeem(coupon=find(code), by=make.caller(person), at=clock.now())
        with pytest.raises(CouponUsed):
            redeem(coupon=find(code), by=make.caller(person), at=clock.now())
    with pytest.raises(CouponSpent):
        redeem(coupon=find(code), by=make.caller(charlie), at=clock.now())
    assert (credits_of(alice), credits_of(bob), credits_of(charlie)) == (5, 5, 0)
    assert left(made) == 0


def test_a_coupon_of_credits_is_not_for_buying_and_the_others_are_not_redeemed(
    alice: User, till: Till
) -> None:
    _made, gift = coupon(credits=MICRO)
    with pytest.raises(BadCoupon):
        ordered(alice, coupon=gift)
    made, _code = coupon()
    with pytest.raises(BadCoupon):
        redeem(coupon=made, by=make.caller(alice), at=clock.now())


def test_a_use_is_given_back_when_the_payment_fails_and_taken_again_when_it_is_paid_late(
    alice: User, bob: User, till: Till
) -> None:
    made, code = coupon()
    payment = ordered(alice, coupon=code)
    assert left(made) == 0
    with pytest.raises(CouponUsed) as refused:
        ordered(alice, coupon=code)
    assert "cancel it" in refused.value.way_on
    for _twice in range(2):
        learn_progress(payment=payment, progress=Progress.CANCELLED, at=clock.now())
        assert left(made) == 1
    till.pay(payment)
    assert left(made) == 0
    with pytest.raises(CouponSpent):
        ordered(bob, coupon=code)


def test_a_price_that_was_shown_is_kept_to_though_another_used_the_coupon_meanwhile(
    alice: User, bob: User, till: Till
) -> None:
    made, code = coupon()
    payment = ordered(alice, coupon=code)
    learn_progress(payment=payment, progress=Progress.CANCELLED, at=clock.now())
    till.pay(ordered(bob, coupon=code))
    till.pay(payment)
    assert (credits_of(alice), credits_of(bob), left(made)) == (50, 50, 0)


def test_a_refused_coupon_leaves_no_payment_behind(alice: User, bob: User, till: Till) -> None:
    _made, code = coupon()
    ordered(alice, coupon=code)
    with pytest.raises(CouponSpent):
        ordered(bob, coupon=code)
    assert Payment.objects.count() == 1


def test_the_same_payment_asked_for_twice_takes_one_use(alice: User, till: Till) -> None:
    made, code = coupon(uses=5)
    assert ordered(alice, coupon=code, key="k") == ordered(alice, coupon=code, key="k")
    assert left(made) == 4


def test_a_guest_who_used_it_and_signs_up_has_used_it(alice: User, till: Till) -> None:
    guest = make.guest()
    made, code = coupon(uses=5)
    ordered(alice, coupon=code)
    ordered(guest, coupon=code)
    claim_guest(guest=guest, person=alice, at=clock.now())
    assert CouponUse.objects.filter(person=alice).count() == 2
    with pytest.raises(CouponUsed):
        ordered(alice, coupon=code)
    assert left(made) == 3


def test_an_ended_or_expired_coupon_works_no_longer(alice: User, till: Till) -> None:
    made, code = coupon(uses=5)
    end_coupon(coupon=made, by=make.caller(alice), at=clock.now())
    with pytest.raises(BadCoupon):
        find(code)
    _made, code = coupon(expires_at=clock.now() + timedelta(seconds=1))
    later = clock.now() + timedelta(seconds=2)
    with pytest.raises(BadCoupon):
        find_coupon(code=code, by=make.caller(alice), address="", at=later)


def test_tries_are_limited_for_each_and_for_a_network_and_right_ones_do_not_count(
    alice: User,
) -> None:
    _made, code = coupon(uses=5)
    for _try in range(LIMITS.coupon_tries_an_hour):
        with pytest.raises(BadCoupon):
            find("wrong", alice)
    with pytest.raises(TooManyCodes) as refused:
        find(code, alice)
    assert refused.value.retry_at
    for _try in range(LIMITS.coupon_tries_per_address_an_hour):
        with pytest.raises(BadCoupon):
            find(codes.mint(), make.guest(), address="203.0.113.5")
    with pytest.raises(TooManyCodes):
        find(codes.mint(), make.guest(), address="203.0.113.5")


@pytest.mark.parametrize(
    ("does", "field"),
    [
        ({"percent": 0}, "percent"),
        ({"percent": 101}, "percent"),
        ({"off_minor": -1, "currency": "USD"}, "amount"),
        ({"off_minor": 10**16, "currency": "USD"}, "amount"),
        ({"off_minor": 5, "currency": "XXX"}, "amount"),
        ({"off_minor": 5}, "amount"),
        ({"credits": 0}, "credits"),
        ({"credits": 10**16}, "credits"),
        ({"uses": 0}, "uses"),
        ({"uses": 10**9}, "uses"),
        ({"expires_at": clock.now() - timedelta(days=1)}, "expires_at"),
    ],
)
def test_what_would_be_no_coupon_is_refused(db: None, does: Any, field: str) -> None:
    with pytest.raises(NotACoupon) as refused:
        coupon(**does)
    assert field in refused.value.fields


@pytest.mark.django_db(transaction=True)
def test_of_64_who_use_a_single_use_at_once_one_has_it(till: Till) -> None:
    package()
    made, code = coupon(percent=50)
    people = [make.person() for _one in range(64)]
    sent = race(64, lambda number: _try(people[number], code))
    assert sorted(sent) == ["CouponSpent"] * 63 + ["bought"]
    assert (left(made), CouponUse.objects.count(), Payment.objects.count()) == (0, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_one_person_with_many_browsers_one_uses_it(till: Till, alice: User) -> None:
    package()
    made, code = coupon(percent=50, uses=100)
    sent = race(16, lambda _number: _try(alice, code))
    assert sorted(sent) == ["CouponUsed"] * 15 + ["bought"]
    assert (left(made), CouponUse.objects.count(), Payment.objects.count()) == (99, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_redeem_one_use_of_credits_one_gets_them() -> None:
    made, _code = coupon(credits=5 * MICRO)
    people = [make.person() for _one in range(16)]

    def take(number: int) -> str:
        by = make.caller(people[number])
        return _named(lambda: redeem(coupon=made, by=by, at=clock.now()))

    sent = race(16, take)
    assert sorted(sent) == ["CouponSpent"] * 15 + ["bought"]
    assert sum(credits_of(person) for person in people) == 5
    assert first_difference() is None


def _try(who: User, code: str) -> str:
    return _named(lambda: ordered(who, coupon=code))


def _named(deed: Any) -> str:
    try:
        deed()
    except Refusal as refused:
        return type(refused).__name__
    return "bought"
