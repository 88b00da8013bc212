"""What payments for a plan do, each in the transaction that learns of it."""

from datetime import datetime
from typing import ClassVar

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from atrium.ledger.telling import Kind, tell_kinds
from atrium.payments.models import Payment
from atrium.payments.purposes import Purpose, Returned, register
from atrium.plans.actions import giving, renewal, taking
from atrium.plans.models import Period
from atrium.plans.snapshots import PURPOSE, Ordered


class PlanPurpose(Purpose):
    """A plan: its beginning, its next period, or a better one."""

    kind: ClassVar[str] = PURPOSE
    title: ClassVar[str | Promise] = _("Plan")

    def fulfil(self, payment: Payment, *, at: datetime) -> None:
        giving.give(payment, at=at)

    def reverse(self, payment: Payment, returned: Returned, *, at: datetime) -> None:
        taking.take(payment, returned=returned, at=at)

    def freeze(self, payment: Payment, *, at: datetime) -> None:
        taking.pause(payment, at=at)

    def thaw(self, payment: Payment, *, at: datetime) -> None:
        taking.go_on(payment, at=at)

    def drop(self, payment: Payment, *, at: datetime) -> None:
        renewal.note_failed(payment, at=at)

    def given(self, payment: Payment) -> str:
        period = Period.objects.filter(payment=payment).select_related("plan").first()
        if period is None:
            return _t("The plan could not be given any more, so the money goes back to you.")
        told = {"plan": period.plan.name, "day": date_format(period.ends_at, "DATE_FORMAT")}
        return _t("You have %(plan)s until %(day)s.") % told

    def again(self, payment: Payment) -> str:
        if Ordered.of(payment).kind == Period.Kind.RENEWAL:
            return reverse("plans:subscription")
        return reverse("plans:plans")

    def tells_of_failure(self, payment: Payment) -> bool:
        ordered = Ordered.of(payment)
        return ordered.kind == Period.Kind.RENEWAL and not ordered.by_hand


register(PlanPurpose())
tell_kinds(
    Kind("plan_back", _("Taken back with a plan's payment"), 270),
    Kind("plan_again", _("Given again: the refund of a plan failed"), 280),
)
