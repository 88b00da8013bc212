"""What somebody of finance does about a payment of which the gateway says what we did not order."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.kit.errors import Conflict
from atrium.payments.actions.reconciling import hint
from atrium.payments.actions.refunds import insist_it_can_pay_back, keep_refund
from atrium.payments.learning import learn_progress
from atrium.payments.models import Payment, Refund
from atrium.payments.states import Progress
from atrium.people.caller import Caller

MAY_BE_TAKEN = frozenset({"person", "order"})
"""What may differ and the money still be ours, and all of it."""
MAY_BE_SENT_BACK = MAY_BE_TAKEN | {"amount"}


class NothingToJudge(Conflict):
    """Nobody has to look at it, or not like this."""

    code = "nothing_to_judge"


def differences(payment: Payment) -> set[str]:
    """Return what differs, in the words of ``learning``."""
    return set(filter(None, payment.needs_look.split(", ")))


def may_be_taken(payment: Payment) -> bool:
    """Whether reference, amount, currency and merchant are ours, whatever else is not."""
    found = differences(payment)
    return bool(found) and found <= MAY_BE_TAKEN


def may_be_sent_back(payment: Payment) -> bool:
    """Whether money came for our reference, and none of it was counted."""
    found = differences(payment)
    came = payment.differing.get("progress") == Progress.PAID
    return bool(found) and found <= MAY_BE_SENT_BACK and came and payment.fulfilled_at is None


@transaction.atomic
def take_as_it_is(*, payment: Payment, by: Caller, reason: str, at: datetime) -> Payment:
    """Let what differs count as ours, when the gateway says the same once more.

    :raises NothingToJudge: when amount, currency, reference or merchant differ
    """
    _judge(payment, when=may_be_taken(payment), at=at, accepted=" ".join(differences(payment)))
    _note("payments.taken_as_it_is", payment, by, reason, at)
    hint(payment=payment, at=at)
    return payment


@transaction.atomic
def send_back(*, payment: Payment, by: Caller, reason: str, at: datetime) -> Refund:
    """Have the gateway return what came, which never counted; the payment is over.

    :raises NothingToJudge: when nothing came, or it may be somebody else's
    :raises CannotPayBack: when the gateway cannot
    """
    insist_it_can_pay_back(payment)
    came = int(payment.differing.get("amount_minor", 0))
    _judge(payment, when=may_be_sent_back(payment) and came > 0, at=at)
    learn_progress(
        payment=payment,
        progress=Progress.CANCELLED,
        why=_("What came did not fit what was ordered, and goes back."),
        at=at,
    )
    refund = keep_refund(payment, amount_minor=came, by=by, reason=reason, is_stray=True, at=at)
    payment.refresh_from_db()
    return refund


@transaction.atomic
def be_done_with(*, payment: Payment, by: Caller, reason: str, at: datetime) -> Payment:
    """Keep that somebody saw to it elsewhere: nothing follows from what was said.

    :raises NothingToJudge: when there is nothing
    """
    _judge(payment, when=bool(payment.needs_look), at=at)
    _note("payments.judged", payment, by, reason, at)
    return payment


def _judge(payment: Payment, *, when: bool, at: datetime, accepted: str = "") -> None:
    told = {"needs_look": "", "judged_at": at, "accepted": accepted}
    waiting = Payment.objects.filter(pk=payment.pk, needs_look=payment.needs_look)
    if not when or not waiting.update(**told):
        raise NothingToJudge(_("This cannot be done about this payment."))
    payment.refresh_from_db()


def _note(action: str, payment: Payment, by: Caller, reason: str, at: datetime) -> None:
    detail = {"reason": reason, "said": payment.differing}
    note(action, by=by.audience, about=("payment", payment.pk), detail=detail, at=at)
