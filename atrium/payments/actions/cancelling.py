from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from atrium.kit.errors import Conflict
from atrium.payments.learning import learn_progress
from atrium.payments.models import Payment
from atrium.payments.states import Progress, State


class CannotCancel(Conflict):
    """It is under way, or over."""

    code = "cannot_cancel"


@transaction.atomic
def cancel_payment(*, payment: Payment, at: datetime) -> Payment:
    """Give up a payment that nobody has paid; a second time changes nothing.

    Money that arrives all the same still counts: then it is paid.

    :raises CannotCancel: when it is under way or over
    """
    waiting = Payment.objects.filter(pk=payment.pk, state=State.PENDING, needs_look="")
    if waiting.update(version=F("version") + 1):
        return learn_progress(payment=payment, progress=Progress.CANCELLED, at=at)
    payment.refresh_from_db()
    if payment.state != State.CANCELLED:
        raise CannotCancel(
            _("This payment can no longer be cancelled."),
            way_on=_("Look at its page for how it stands."),
        )
    return payment
