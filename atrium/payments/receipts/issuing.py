"""What follows from money that came or went back: a receipt with its number, and a word to whom."""

from datetime import datetime

from django.urls import reverse

from atrium.kit.money import Money
from atrium.notifications.actions import notify
from atrium.payments.actions.receipts import issue_receipt
from atrium.payments.followers import Follower, register
from atrium.payments.models import Payment, PaymentReceipt
from atrium.payments.purposes import Returned, purpose_of
from atrium.payments.states import State


class Receipts(Follower):
    """Issues receipts and credit notes, and tells people; mail goes later, by a job."""

    def fulfilled(self, payment: Payment, *, at: datetime) -> None:
        if payment.amount_minor:
            self._issue(payment, 0, payment.amount_minor, kind="payments.paid", at=at)

    def returned(self, payment: Payment, returned: Returned, *, at: datetime) -> None:
        before = payment.amount_minor - returned.before
        now = payment.amount_minor - returned.now
        kind = "payments.went_back" if now < before else "payments.paid"
        self._issue(payment, before, now, kind=kind, at=at)

    def changed(self, payment: Payment, before: State, *, at: datetime) -> None:
        told_elsewhere = purpose_of(payment).tells_of_failure(payment)
        if payment.state == State.FAILED and payment.person and not told_elsewhere:
            notify(
                person=payment.person,
                kind="payments.failed",
                params={"amount": str(payment.amount), "title": payment.title, "why": payment.why},
                url=reverse("wallet:payment", args=[payment.pk]),
                at=at,
            )

    def _issue(
        self, payment: Payment, before: int, now: int, *, kind: str, at: datetime
    ) -> PaymentReceipt:
        receipt = issue_receipt(payment=payment, kept_before=before, kept_now=now, at=at)
        if payment.person:
            notify(
                person=payment.person,
                kind=kind,
                params={
                    "amount": str(Money(receipt.amount_minor, receipt.currency)),
                    "title": payment.title,
                    "receipt": receipt.label,
                },
                url=reverse("wallet:receipt", args=[receipt.pk]),
                at=at,
            )
        return receipt


register(Receipts())
