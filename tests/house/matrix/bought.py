"""What somebody bought with a coupon, and what addresses call it."""

from uuid import UUID

from atrium.kit import clock
from atrium.kit.credits import MICRO
from atrium.payments.models import Payment
from atrium.people.models import Guest, User
from atrium.plans import codes
from atrium.plans.models import Coupon, CouponUse, LowBalance, Purchase
from tests import make
from tests.plans.shop import package as package_of_the_shop


def bought(owner: User | Guest, *, payment: str) -> dict[str, str]:
    """Give the payment's credits to ``owner``, and let them have used a coupon for it."""
    by, now = make.caller(owner), clock.now()
    package = package_of_the_shop()
    coupon = Coupon.objects.create(
        code_hash=codes.digest(codes.mint()),
        prefix="7K3M",
        kind=Coupon.Kind.PERCENT,
        percent=10,
        uses=5,
        uses_left=4,
        made_by=by.audience,
        made_at=now,
    )
    CouponUse.objects.create(
        **by.as_owner(),
        coupon=coupon,
        payment_id=UUID(payment),
        taken_as=by.audience,
        taken_at=now,
    )
    Purchase.objects.create(
        payment_id=UUID(payment), package=package, credits=50 * MICRO, given_at=now
    )
    Payment.objects.filter(pk=payment).update(fulfilled_at=now)
    if isinstance(owner, User):
        LowBalance.objects.create(person=owner, below=MICRO)
    return {"plans.package": str(package.pk), "plans.coupon": str(coupon.pk)}
