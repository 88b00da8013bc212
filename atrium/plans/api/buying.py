import hashlib
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router
from ninja.responses import Status

from atrium.kit.credits import MICRO
from atrium.kit.errors import Refusal
from atrium.kit.money import Money
from atrium.ledger.queries import balance_of
from atrium.payments import billing_clock
from atrium.payments.models import Payment
from atrium.people.caller import Caller
from atrium.people.scopes import ACCOUNT, scope
from atrium.plans.actions import buying, coupons
from atrium.plans.schemas.buying import (
    CouponIn,
    FreeAmountsOut,
    PackageList,
    PackageOut,
    PurchaseIn,
    PurchaseOut,
    RedeemedOut,
)
from atrium.plans.schemas.plans import MoneyOut
from atrium.plans.sold import currencies, free_amounts, packages, sold_in
from atrium.web.address import address_of
from atrium.web.policy import policy
from atrium.web.schemas import errors

router = Router(tags=["credits"])
_KEY = "Idempotency-Key"


class KeyNeeded(Refusal):
    """What costs is done under a key, so that a call sent twice is paid once."""

    code = "idempotency_key_needed"


@router.get("/packages", response=PackageList, summary="What credits cost")
@policy(who="anyone")
def list_packages(request: HttpRequest) -> PackageList:
    """Packages in every currency, the amounts one may choose, and which gateways take what."""
    caller = _caller(request)
    return PackageList(
        items=[PackageOut.of(package) for package in packages()],
        amounts=FreeAmountsOut.of(free_amounts()),
        gateways={
            currency: [gateway.slug for gateway in sold_in(currency, caller).ways]
            for currency in currencies(caller)
        },
    )


@router.post(
    "/credits", response={201: PurchaseOut, **errors(400, 409, 503)}, summary="Buy credits"
)
@scope(ACCOUNT)
@policy(who="somebody")
def buy(request: HttpRequest, asked: PurchaseIn) -> Status[PurchaseOut]:
    """Open a payment, which a person makes at `pay_at`. An `Idempotency-Key` is required.

    Name a package or an amount. What a coupon makes free is there at once.
    """
    key = request.headers.get(_KEY, "")
    if not key:
        raise KeyNeeded(_("Send an Idempotency-Key along: a new one for each thing you buy."))
    payment = buying.buy(
        wanted=asked.wanted(),
        gateway=asked.gateway,
        key=f"api:{hashlib.sha256(key.encode()).hexdigest()}",
        by=_caller(request),
        address=address_of(request),
        at=billing_clock.now(),
    )
    return Status(201, _told(payment))


@router.post(
    "/coupons/redeem", response={200: RedeemedOut, **errors(409)}, summary="Redeem a coupon"
)
@scope(ACCOUNT)
@policy(who="member")
def redeem(request: HttpRequest, asked: CouponIn) -> RedeemedOut:
    """One that gives credits. Those that make something cheaper are named when buying."""
    caller, now = _caller(request), billing_clock.now()
    found = coupons.find_coupon(code=asked.code, by=caller, address=address_of(request), at=now)
    given = coupons.redeem(coupon=found, by=caller, at=now)
    return RedeemedOut(credits=given / MICRO, balance=balance_of(caller.audience) / MICRO)


def _told(payment: Payment) -> PurchaseOut:
    said, currency = payment.snapshot, payment.currency
    page = f"{settings.PUBLIC_ADDRESS}/wallet/payments/{payment.pk}"
    return PurchaseOut(
        payment=payment.pk,
        state=payment.state,
        credits=said["credits"] / MICRO,
        price=MoneyOut.of(Money(said["price_minor"], currency)),
        off=MoneyOut.of(Money(said["off_minor"], currency)),
        due=MoneyOut.of(payment.amount),
        pay_at=page if payment.amount_minor else None,
    )


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]
