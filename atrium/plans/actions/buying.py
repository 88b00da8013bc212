"""Credits are bought: what is asked for becomes an offer, and the offer a payment."""

from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.kit.credits import shown_balance
from atrium.kit.errors import Conflict, TooMany, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.kit.money import MOST_MINOR, BadAmount, Money, parse
from atrium.options.queries import value
from atrium.payments.actions import Item, OtherPayment, open_payment
from atrium.payments.models import Payment
from atrium.people.attempts import Bound, count_all
from atrium.people.caller import Caller
from atrium.plans.actions.coupons import (
    BadCoupon,
    find_coupon,
    insist_on_an_account,
    take_coupon,
)
from atrium.plans.models import Coupon, Package
from atrium.plans.offers import FREE_CURRENCY, Offer, Wanted, credits_for

PURPOSE = "credits"
_HOUR = 3600


class NotForSale(Unprocessable):
    """What is asked for is not sold, or is no amount that may be paid."""

    code = "not_for_sale"


class PriceChanged(Conflict):
    """The price is another one than they were shown."""

    code = "price_changed"


class TooManyPurchases(TooMany):
    code = "too_many_purchases"


def find_offer(*, wanted: Wanted, by: Caller, address: str = "", at: datetime) -> Offer:
    """Return what is asked for at its price of now. Never inside a transaction: codes are counted.

    :raises NotForSale: when there is no such package, or the amount is none; says which field
    :raises PriceChanged: when they were shown another price, with both
    :raises BadCoupon: when the coupon is not good for it; TooManyCodes after many wrong ones
    """
    offer = _of_package(wanted) if wanted.package else _of_amount(wanted)
    if not wanted.coupon:
        return offer
    coupon = find_coupon(code=wanted.coupon, by=by, address=address, at=at)
    return _cheaper(offer, coupon, by=by)


def buy(
    *,
    wanted: Wanted,
    gateway: str,
    key: str,
    by: Caller,
    address: str = "",
    at: datetime,
) -> Payment:
    """Open the payment for what is asked for; a repeated ``key`` returns the first.

    What a coupon makes free is paid at once, and its credits are there.

    :raises OtherPayment: when the key was used for something else
    :raises CannotPayWith: when the gateway does not take the currency
    :raises CouponUsed: by who used the coupon before; CouponSpent when its last use is gone
    :raises TooManyPurchases: when many were opened within the hour
    """
    asked = wanted.print_with(gateway)
    if known := _opened_before(key, asked, by=by):
        return known
    offer = find_offer(wanted=wanted, by=by, address=address, at=at)
    _count(by, address, at=at)
    item = Item(
        purpose=PURPOSE,
        title=offer.title,
        amount=offer.due,
        snapshot={**offer.as_json(), "asked": asked},
        about=("package", offer.package.pk) if offer.package else None,
    )
    with transaction.atomic():
        payment = open_payment(by=by, item=item, gateway=gateway, key=key, at=at)
        if offer.coupon:
            take_coupon(coupon=offer.coupon, by=by, payment=payment, at=at)
    return payment


def _count(by: Caller, address: str, *, at: datetime) -> None:
    buckets = {f"buy:{by.audience}": Bound(LIMITS.purchases_an_hour, _HOUR)}
    if address:
        buckets[f"buy-at:{address}"] = Bound(LIMITS.purchases_per_address_an_hour, _HOUR)
    for counted in count_all(buckets, at=at):
        counted.check(
            TooManyPurchases,
            _("Many payments were opened just now."),
            way_on=_("Go on with one of those that wait in your wallet."),
        )


def _opened_before(key: str, asked: str, *, by: Caller) -> Payment | None:
    known = Payment.objects.filter(opened_as=by.audience, key=key).first()
    if known and known.snapshot.get("asked") != asked:
        raise OtherPayment(_("This key was used for another payment before."))
    return cast(Payment | None, known)


def _of_package(wanted: Wanted) -> Offer:
    package = _package(wanted.package)
    minor = package.price_minor if wanted.price_minor is None else wanted.price_minor
    credits_ = package.credits if wanted.credits is None else wanted.credits
    if (minor, credits_) != (package.price_minor, package.credits):
        raise _changed(
            was=_terms(Money(_bounded(minor), package.currency), _bounded(credits_)),
            now=_terms(package.price, package.credits),
        )
    return Offer(
        credits=package.credits,
        price=package.price,
        title=_title(package.credits),
        package=package,
    )


def _package(key: str) -> Package:
    try:
        found = Package.objects.sold().filter(pk=UUID(key)).first()
    except ValueError:
        found = None
    if found is None:
        said = _("This package is not sold.")
        raise NotForSale(said, way_on=_("Choose another one."), fields={"package": said})
    return found


def _of_amount(wanted: Wanted) -> Offer:
    if wanted.currency != FREE_CURRENCY:
        raise _no_amount(_("Amounts are chosen freely in US dollars only: choose a package."))
    if not wanted.amount.strip():
        raise _no_amount(_("Choose a package, or write how much you want to pay."))
    try:
        price = parse(wanted.amount, FREE_CURRENCY)
    except BadAmount as refused:
        raise _no_amount(refused.detail) from None
    least, most = (
        Money(value("credits.least_cents"), "USD"),
        Money(value("credits.most_cents"), "USD"),
    )
    if not least <= price <= most:
        raise _no_amount(
            _("Choose an amount from {least} to {most}.").format(least=least, most=most)
        )
    rate = value("credits.per_dollar")
    credits_ = credits_for(price, per_dollar=rate)
    if not 0 < credits_ <= MOST_MINOR:
        raise _no_amount(_("This amount is too large."))
    if wanted.rate is not None and wanted.rate != rate:
        raise _changed(
            was=_("{n} credits for a dollar").format(n=wanted.rate),
            now=_("{n} credits for a dollar").format(n=rate),
        )
    return Offer(credits=credits_, price=price, title=_title(credits_), rate=rate)


def _cheaper(offer: Offer, coupon: Coupon, *, by: Caller) -> Offer:
    if coupon.kind == Coupon.Kind.CREDITS:
        raise BadCoupon(
            _("This coupon gives credits by itself."), way_on=_("Use it without buying anything.")
        )
    if coupon.currency and coupon.currency != offer.price.currency:
        raise BadCoupon(
            _("This coupon is for prices in {currency}.").format(currency=coupon.currency)
        )
    with_coupon = Offer(
        credits=offer.credits,
        price=offer.price,
        title=offer.title,
        rate=offer.rate,
        package=offer.package,
        coupon=coupon,
    )
    if not with_coupon.due.minor:
        insist_on_an_account(by)
    return with_coupon


def _changed(*, was: str, now: str) -> PriceChanged:
    said = _("The price has changed meanwhile. You saw {was}; now it is {now}.")
    return PriceChanged(
        said.format(was=was, now=now),
        way_on=_("Nothing was charged. If you agree, buy once more."),
    )


def _terms(price: Money, credits_: int) -> str:
    said = _("{credits} credits for {price}")
    return said.format(credits=shown_balance(credits_), price=price)


def _bounded(number: int) -> int:
    return max(-MOST_MINOR, min(MOST_MINOR, number))


def _no_amount(said: str) -> NotForSale:
    return NotForSale(said, fields={"amount": said})


def _title(credits_: int) -> str:
    return _("{credits} credits").format(credits=shown_balance(credits_))
