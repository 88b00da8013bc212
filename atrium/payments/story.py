"""What a payment's page says: where it stands in a sentence, and what can be done next."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from atrium.kit.money import Money
from atrium.payments.gateways.registry import gateway_of
from atrium.payments.models import Payment
from atrium.payments.purposes import kinds, purpose_of
from atrium.payments.states import OPEN, State


@dataclass(frozen=True, slots=True)
class Story:
    """How a payment stands; ``is_open`` while it may change by itself."""

    title: str
    sentence: str
    kind: str = ""
    is_open: bool = False
    may_pay: bool = False
    may_cancel: bool = False
    again: str = ""  # where the same can be chosen again


def story_of(payment: Payment) -> Story:
    """Return what to say of the payment to whoever made it."""
    if payment.needs_look and not payment.fulfilled_at:
        return Story(
            _("Being looked at"),
            _(
                "What the way to pay told us does not fit what you ordered, so nothing was given"
                " yet. You need not pay again: somebody of this house looks at it, and this page"
                " will say what came of it."
            ),
            "danger",
            is_open=True,
        )
    if payment.frozen_at:
        return Story(
            _("Disputed"),
            _(
                "Your bank is asked about this payment. What you got for it rests until that is"
                " decided."
            ),
            "danger",
            is_open=True,
        )
    return _TOLD[State(payment.state)](payment)


def gateway_title(payment: Payment) -> str:
    """Return how people call the way it is paid; empty where nothing had to be paid."""
    gateway = gateway_of(payment.gateway) if payment.gateway else None
    return gateway.title if gateway else payment.gateway


def purpose_title(payment: Payment) -> str:
    return str(kinds().get(payment.purpose, payment.purpose))


def given_for(payment: Payment) -> str:
    """Say what was got for it, where that is kept."""
    if payment.fulfilled_at is None or payment.purpose not in kinds():
        return ""
    return purpose_of(payment).given(payment)


def may_change(payment: Payment) -> bool:
    """Whether its page should look again."""
    return payment.state in OPEN or bool(payment.frozen_at or payment.needs_look)


def _pending(payment: Payment) -> Story:
    if gateway_of(payment.gateway) is None:
        return Story(
            _("Waiting for you"),
            _("The way to pay that you chose is switched off here. Choose another one."),
            is_open=True,
            may_cancel=True,
            again=_again(payment),
        )
    if payment.begun_at:
        said = _("It is not paid yet. Go on where you were, or cancel it. Nothing was charged.")
    else:
        said = _("Nothing was charged yet.")
    return Story(_("Waiting for you"), said, is_open=True, may_pay=True, may_cancel=True)


def _processing(payment: Payment) -> Story:
    said = _(
        "The payment is under way, which may take a while. You may close this page: you are told"
        " when it is done."
    )
    return Story(_("Under way"), said, is_open=True)


def _unknown(payment: Payment) -> Story:
    said = _(
        "The way to pay did not say whether it worked. We keep asking. You need not pay again: if"
        " nothing was charged, nothing will be."
    )
    return Story(_("We are asking"), said, "danger", is_open=True)


def _paid(payment: Payment) -> Story:
    if not payment.amount_minor:
        return Story(_("Yours"), _("There was nothing to pay."), "ok")
    return Story(_("Paid"), _("Thank you. What you paid for is yours."), "ok")


def _failed(payment: Payment) -> Story:
    said = _("The payment did not go through, and nothing was charged.")
    why = f"{said} {payment.why}" if payment.why else said
    return Story(_("Failed"), why, "danger", again=_again(payment))


def _cancelled(payment: Payment) -> Story:
    said = _("This payment was given up, and nothing was charged.")
    return Story(_("Cancelled"), said, again=_again(payment))


def _refunded(payment: Payment) -> Story:
    said = _("All of it went back. Until your bank shows it, some days may pass.")
    return Story(_("Refunded"), said, again=_again(payment))


def _partly(payment: Payment) -> Story:
    said = _("%(back)s went back. Until your bank shows it, some days may pass.")
    back = Money(payment.returned_minor, payment.currency)
    return Story(_("Partly refunded"), said % {"back": back})


def _again(payment: Payment) -> str:
    return purpose_of(payment).again(payment) if payment.purpose in kinds() else ""


_TOLD = {
    State.PENDING: _pending,
    State.PROCESSING: _processing,
    State.UNKNOWN: _unknown,
    State.PAID: _paid,
    State.FAILED: _failed,
    State.CANCELLED: _cancelled,
    State.REFUNDED: _refunded,
    State.PARTLY_REFUNDED: _partly,
}
