"""What payments for a plan do, each in the transaction that learns of it."""

from datetime import datetime
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from atrium.payments.models import Payment
from atrium.payments.purposes import Purpose, Returned, register
from atrium.plans.actions import giving, renewal, taking
from atrium.plans.snapshots import PURPOSE


class PlanPurpose(Purpose):
    """A plan: its beginning, its next period, or a better one."""

    kind: ClassVar[str] = PURPOSE
    title: ClassVar[str | Promise] = _("Plan")

    def fulfil(self, payment: Payment, *, at: datetime) -> None:
        giving.give(payment, at=at)

    def reverse(self, payment: Payment, returned: Returned, *, at: datetime) -> None:
        taking.take(payment, returned, at=at)

    def freeze(self, payment: Payment, *, at: datetime) -> None:
        taking.pause(payment, at=at)

    def thaw(self, payment: Payment, *, at: datetime) -> None:
        taking.go_on(payment, at=at)

    def drop(self, payment: Payment, *, at: datetime) -> None:
        renewal.note_failed(payment, at=at)


register(PlanPurpose())
