"""What follows from the money of a payment for credits, in the transaction that learns of it."""

from datetime import datetime
from typing import Any

from atrium.ledger import actions as ledger
from atrium.options.queries import value
from atrium.payments.models import Payment
from atrium.payments.purposes import Returned
from atrium.plans.actions.coupons import give_coupon_back, take_coupon_again
from atrium.plans.models import Purchase
from atrium.plans.offers import share

WRITTEN_OFF = "written_off"  # the choice of credits.spent_before_refund, and a kind of entries


def give_credits(payment: Payment, *, at: datetime) -> None:
    """Give what was bought, at the rate of when the payment was opened."""
    said = payment.snapshot
    Purchase.objects.create(
        payment=payment,
        package_id=said["package"] or None,
        credits=said["credits"],
        given_at=at,
    )
    take_coupon_again(payment=payment)
    ledger.grant(amount=said["credits"], kind="bought", **_told(payment, "bought", at=at))


def take_credits(payment: Payment, *, returned: Returned, at: datetime) -> None:
    """Take back the share of the money that went back, or give it again when a refund failed."""
    purchase = Purchase.objects.get(payment=payment)
    due = share(purchase.credits, of_minor=payment.amount_minor, back_minor=returned.now)
    more, purchase.credits_back = due - purchase.credits_back, due
    if more > 0:
        _take(purchase, payment, more, at=at)
    elif more < 0:
        _give_again(purchase, payment, -more, at=at)
    purchase.save()


def freeze_credits(payment: Payment, *, at: datetime) -> None:
    """Keep what is left of them from being spent while the payment is disputed."""
    purchase = Purchase.objects.get(payment=payment)
    if left := purchase.credits - purchase.credits_back:
        told = _told(payment, "frozen", at=at)
        ledger.freeze(amount=left, **told)
        purchase.frozen_key = told["key"]
        purchase.save()


def thaw_credits(payment: Payment, *, at: datetime) -> None:
    """Let what was frozen be spent again."""
    purchase = Purchase.objects.get(payment=payment)
    if purchase.frozen_key:
        ledger.thaw(key=purchase.frozen_key, at=at)
        purchase.frozen_key = ""
        purchase.save()


def let_go(payment: Payment, *, at: datetime) -> None:
    """Give the coupon back of a payment that came to nothing."""
    give_coupon_back(payment=payment, at=at)


def _take(purchase: Purchase, payment: Payment, amount: int, *, at: datetime) -> None:
    back = ledger.take_back(amount=amount, kind="bought_back", **_told(payment, "back", at=at))
    if back.owed and value("credits.spent_before_refund") == WRITTEN_OFF:
        # Given anew, it pays the debt that this just made.
        told = _told(payment, WRITTEN_OFF, at=at)
        ledger.grant(amount=back.owed, kind=WRITTEN_OFF, **told)
        purchase.written_off += back.owed


def _give_again(purchase: Purchase, payment: Payment, amount: int, *, at: datetime) -> None:
    ledger.grant(amount=amount, kind="bought_again", **_told(payment, "again", at=at))
    # What was spent and forgiven is not given a second time.
    forgiven = min(amount, purchase.written_off)
    if forgiven:
        purchase.written_off -= forgiven
        told = _told(payment, "forgiven", at=at)
        ledger.take_back(amount=forgiven, kind="forgiven_again", **told)


def _told(payment: Payment, word: str, *, at: datetime) -> dict[str, Any]:
    return {
        "holder": payment.audience,
        "key": f"{payment.effect_key}:credits:{word}",
        "about": ("payment", payment.pk),
        "at": at,
    }
