from datetime import datetime

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.kit.errors import Conflict
from atrium.kit.money import Money
from atrium.payments.models import Payment, Refund
from atrium.payments.states import GIVEN, RefundRank
from atrium.people.caller import Caller


class TooMuchBack(Conflict):
    """More would go back than was paid and is still here."""

    code = "too_much_back"


@transaction.atomic
def ask_refund(
    *, payment: Payment, amount_minor: int, by: Caller, reason: str, at: datetime
) -> Refund:
    """Keep that so much shall go back; the gateway is asked afterwards, by a job.

    :raises TooMuchBack: when less is left, or nothing was paid
    """
    Payment.objects.filter(pk=payment.pk).update(version=F("version"))  # held: one asks at a time
    payment.refresh_from_db()
    asked = payment.refunds.filter(rank__lte=RefundRank.PENDING).aggregate(sum=Sum("amount_minor"))
    left = payment.kept_minor - (asked["sum"] or 0) if payment.state in GIVEN else 0
    if not 0 < amount_minor <= left:
        raise TooMuchBack(
            _("Of this payment %(left)s can go back.") % {"left": Money(left, payment.currency)},
            limit=left,
            used=amount_minor,
        )
    refund = Refund.objects.create(
        payment=payment, amount_minor=amount_minor, asked_by=by.person, reason=reason, made_at=at
    )
    note(
        "payments.refund_asked",
        by=by.audience,
        about=("payment", payment.pk),
        detail={"amount": str(Money(amount_minor, payment.currency)), "reason": reason},
        at=at,
    )
    return refund
