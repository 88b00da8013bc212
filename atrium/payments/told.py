"""What was paid, on the line of a statement that came of it."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from atrium.ledger.telling import Told, tell_about
from atrium.payments.models import Payment
from atrium.payments.story import gateway_title
from atrium.people.caller import Caller


def _payments(ids: Collection[UUID], caller: Caller) -> Mapping[UUID, Told]:
    found = Payment.objects.visible_to(caller).filter(pk__in=ids).prefetch_related("receipts")
    return {payment.pk: _told(payment) for payment in found}


def _told(payment: Payment) -> Told:
    paid = [gateway_title(payment), str(payment.amount)] if payment.amount_minor else []
    first = min(payment.receipts.all(), key=lambda one: one.issued_at, default=None)
    if first:
        paid.append(_("receipt %(number)s") % {"number": first.label})
    return Told(
        title=payment.title,
        note=", ".join(filter(None, paid)),
        url=reverse("wallet:payment", args=[payment.pk]),
    )


tell_about("payment", _payments)
