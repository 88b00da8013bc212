"""Coupons are made by staff, taken with what they are for, and given back when it is not paid."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.kit.errors import Conflict, TooMany, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.kit.money import EXPONENTS, MOST_MINOR
from atrium.ledger import actions as ledger
from atrium.payments.models import Payment
from atrium.people.attempts import Bound, count_all
from atrium.people.caller import Caller
from atrium.plans import codes
from atrium.plans.models import Coupon, CouponUse

_HOUR = 3600


class BadCoupon(Unprocessable):
    """It does not exist, works no longer, or not for this."""

    code = "bad_coupon"

    def __init__(self, said: str, *, way_on: str = "") -> None:
        super().__init__(said, way_on=way_on, fields={"coupon": said})


class CouponUsed(Conflict):
    """This person used it before; each may once."""

    code = "coupon_used"


class CouponSpent(Conflict):
    """It worked as often as it was made for."""

    code = "coupon_spent"


class TooManyCodes(TooMany):
    code = "too_many_codes"


class NotACoupon(Unprocessable):
    """What staff asked for would be no coupon."""

    code = "not_a_coupon"


@dataclass(frozen=True, slots=True, kw_only=True)
class Does:
    """What a coupon does: one of ``percent``, ``off_minor`` in a currency, and ``credits``."""

    kind: Coupon.Kind
    percent: int = 0
    off_minor: int = 0
    currency: str = ""
    credits: int = 0


def make_coupon(
    *,
    does: Does,
    uses: int,
    note_to_self: str = "",
    expires_at: datetime | None = None,
    by: Caller,
    at: datetime,
) -> tuple[Coupon, str]:
    """Make a coupon, and return with it the code to hand out, shown this once.

    :raises NotACoupon: with the field and the reason
    """
    _check(does, uses=uses, expires_at=expires_at, at=at)
    code = codes.mint()
    with transaction.atomic():
        made = Coupon.objects.create(
            code_hash=codes.digest(code),
            prefix=codes.prefix(code),
            note=note_to_self.strip()[:200],
            kind=does.kind,
            percent=does.percent,
            off_minor=does.off_minor,
            currency=does.currency,
            credits=does.credits,
            uses=uses,
            uses_left=uses,
            made_by=by.audience,
            made_at=at,
            expires_at=expires_at,
        )
        told = {"kind": does.kind, "percent": does.percent, "off": does.off_minor}
        told |= {"currency": does.currency, "credits": does.credits, "uses": uses}
        note("coupon.made", by=by.audience, about=("coupon", made.pk), detail=told, at=at)
    return made, code


def end_coupon(*, coupon: Coupon, by: Caller, at: datetime) -> None:
    """Let nobody use it any more; what was bought with it stays. A second time changes nothing."""
    with transaction.atomic():
        if Coupon.objects.filter(pk=coupon.pk, ended_at=None).update(ended_at=at):
            note("coupon.ended", by=by.audience, about=("coupon", coupon.pk), at=at)


def find_coupon(*, code: str, by: Caller, address: str, at: datetime) -> Coupon:
    """Return the coupon of a code that somebody typed. Never inside a transaction: tries count.

    :raises TooManyCodes: after many wrong ones
    :raises BadCoupon: when there is none, or it works no longer
    """
    buckets = {f"coupon:{by.audience}": Bound(LIMITS.coupon_tries_an_hour, _HOUR)}
    if address:
        per_address = Bound(LIMITS.coupon_tries_per_address_an_hour, _HOUR)
        buckets[f"coupon-at:{address}"] = per_address
    if not all(tried.left for tried in count_all(buckets, each=dict.fromkeys(buckets, 0), at=at)):
        raise TooManyCodes(
            _("Too many codes were tried. Wait a little."), retry_at=at + timedelta(seconds=_HOUR)
        )
    digest = codes.digest(code) if codes.plain(code) else ""
    found: Coupon | None = Coupon.objects.filter(code_hash=digest).first() if digest else None
    if found is None:
        count_all(buckets, at=at)
        raise BadCoupon(_("There is no such coupon."), way_on=_("Look at the code once more."))
    if not Coupon.objects.usable(at=at).filter(pk=found.pk).exists():
        raise BadCoupon(_("This coupon works no longer."))
    return found


def take_coupon(
    *, coupon: Coupon, by: Caller, payment: Payment | None = None, at: datetime
) -> None:
    """Take one use of a coupon, in the transaction that opens what it is for.

    :raises CouponUsed: by who used it before
    :raises CouponSpent: when the last use is gone
    """
    if payment and CouponUse.objects.filter(payment=payment).exists():
        return  # the same payment, asked for twice
    standing = CouponUse.objects.standing().filter(coupon=coupon)
    mine = standing.of(by).select_related("payment").first()
    if mine:
        raise _used(mine.payment)
    usable = Coupon.objects.usable(at=at).filter(pk=coupon.pk, uses_left__gt=0)
    if not usable.update(uses_left=F("uses_left") - 1):
        raise CouponSpent(_("This coupon is used up."))
    told = {"coupon": coupon, "payment": payment, "taken_as": by.audience, "taken_at": at}
    try:
        with transaction.atomic():
            CouponUse.objects.create(**by.as_owner(), **told)
    except IntegrityError:
        raise _used(None) from None


def give_coupon_back(*, payment: Payment, at: datetime) -> None:
    """Give back the use that was taken for a payment which came to nothing, once."""
    use = CouponUse.objects.filter(payment=payment).first()
    if use and CouponUse.objects.standing().filter(pk=use.pk).update(given_back_at=at):
        Coupon.objects.filter(pk=use.coupon_id).update(uses_left=F("uses_left") + 1)


def take_coupon_again(*, payment: Payment) -> None:
    """Count a use once more that was given back, since its payment was paid after all.

    The price that was shown is kept to, whoever used the coupon meanwhile.
    """
    use = CouponUse.objects.filter(payment=payment).exclude(given_back_at=None).first()
    if use is None:
        return
    try:
        with transaction.atomic():
            CouponUse.objects.filter(pk=use.pk).update(given_back_at=None)
    except IntegrityError:
        return
    left = Coupon.objects.filter(pk=use.coupon_id, uses_left__gt=0)
    left.update(uses_left=F("uses_left") - 1)


@transaction.atomic
def redeem(*, coupon: Coupon, by: Caller, at: datetime) -> int:
    """Give the credits of a coupon that gives some, and return how many micro-credits they are.

    :raises BadCoupon: when it gives none, or to a guest
    :raises CouponUsed: by who used it before
    :raises CouponSpent: when the last use is gone
    """
    if coupon.kind != Coupon.Kind.CREDITS:
        raise BadCoupon(_("This coupon makes something cheaper: use it when you buy."))
    insist_on_an_account(by)
    take_coupon(coupon=coupon, by=by, at=at)
    ledger.grant(
        holder=by.audience,
        amount=coupon.credits,
        key=f"coupon:{coupon.pk}:{by.audience}",
        kind="coupon",
        about=("coupon", coupon.pk),
        at=at,
    )
    return coupon.credits


def insist_on_an_account(by: Caller) -> None:
    """Keep what costs nothing from guests, of whom anybody can be a hundred.

    :raises BadCoupon: to a guest
    """
    if not by.is_member:
        raise BadCoupon(
            _("This coupon gives something for nothing, so it needs an account."),
            way_on=_("Sign up, and use it then."),
        )


def _used(payment: Payment | None) -> CouponUsed:
    said = _("You have used this coupon.")
    if payment and not payment.fulfilled_at:
        way_on = _("It lies with a payment that you began: go on with that one, or cancel it.")
        return CouponUsed(said, way_on=way_on, fields={"coupon": f"{said} {way_on}"})
    return CouponUsed(said, fields={"coupon": said})


def _check(does: Does, *, uses: int, expires_at: datetime | None, at: datetime) -> None:
    fields = {}
    if does.kind == Coupon.Kind.PERCENT and not 1 <= does.percent <= 100:
        fields["percent"] = _("From 1 to 100.")
    if does.kind == Coupon.Kind.AMOUNT and not (
        0 < does.off_minor <= MOST_MINOR and does.currency in EXPONENTS
    ):
        fields["amount"] = _("Say how much is taken off, and in which currency.")
    if does.kind == Coupon.Kind.CREDITS and not 0 < does.credits <= MOST_MINOR:
        fields["credits"] = _("Say how many credits it gives.")
    if not 1 <= uses <= LIMITS.coupon_uses:
        fields["uses"] = _("From 1 to {most}.").format(most=LIMITS.coupon_uses)
    if expires_at and expires_at <= at:
        fields["expires_at"] = _("This time is over.")
    if fields:
        raise NotACoupon(" ".join(fields.values()), fields=fields)
