"""What payments for credits do, each in the transaction that learns of it."""

from datetime import datetime
from typing import ClassVar

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.ledger.amounts import shown
from atrium.ledger.telling import Kind, tell_kinds
from atrium.payments.models import Payment
from atrium.payments.purposes import Purpose, Returned, register
from atrium.plans.actions import buying, purchases
from atrium.plans.models import Purchase


class CreditPurpose(Purpose):
    """Credits: a package, or a free amount of dollars."""

    kind: ClassVar[str] = buying.PURPOSE
    title: ClassVar[str | Promise] = gettext_lazy("Credits")

    def fulfil(self, payment: Payment, *, at: datetime) -> None:
        purchases.give_credits(payment, at=at)

    def reverse(self, payment: Payment, returned: Returned, *, at: datetime) -> None:
        purchases.take_credits(payment, returned=returned, at=at)

    def freeze(self, payment: Payment, *, at: datetime) -> None:
        purchases.freeze_credits(payment, at=at)

    def thaw(self, payment: Payment, *, at: datetime) -> None:
        purchases.thaw_credits(payment, at=at)

    def drop(self, payment: Payment, *, at: datetime) -> None:
        purchases.let_go(payment, at=at)

    def again(self, payment: Payment) -> str:
        return f"{reverse('plans:buy')}?currency={payment.currency}"

    def given(self, payment: Payment) -> str:
        given = Purchase.objects.filter(payment=payment).values_list("credits", flat=True).first()
        said = _("%(credits)s credits are in your wallet.")
        return said % {"credits": shown(given)} if given else ""


register(CreditPurpose())
tell_kinds(
    Kind("bought", gettext_lazy("Bought"), 200),
    Kind("coupon", gettext_lazy("From a coupon"), 210),
    Kind("start", gettext_lazy("To begin with"), 220),
    Kind("bought_back", gettext_lazy("Taken back with a refund"), 230),
    Kind("written_off", gettext_lazy("Written off"), 240),
    Kind("bought_again", gettext_lazy("Given again after a refund that failed"), 250),
    Kind("forgiven_again", gettext_lazy("No longer written off"), 260),
)
