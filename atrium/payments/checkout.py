"""The calls to gateways that people wait for: to begin a checkout, and to ask how one stands."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.kit.errors import Conflict, Unavailable
from atrium.ledger.guard import insist_books_agree
from atrium.payments import health
from atrium.payments.gateways.protocol import (
    Declined,
    FormPost,
    Gateway,
    NoAnswer,
    Order,
    Redirect,
    Standing,
)
from atrium.payments.gateways.registry import GatewayGone, gateway_of
from atrium.payments.learning import be_unsure, learn, learn_progress
from atrium.payments.looking import next_look
from atrium.payments.models import Payment, SavedMethod
from atrium.payments.states import OPEN, Progress


class NotToPay(Conflict):
    """The payment is over, one way or the other."""

    code = "not_to_pay"


class GatewayBusy(Unavailable):
    """The gateway does not answer, or will not take the order now."""

    code = "gateway_busy"


def order_of(payment: Payment) -> Order:
    """Return what a gateway is told of the payment."""
    page = f"{settings.PUBLIC_ADDRESS}/wallet/payments/{payment.pk}"
    hook = f"{settings.PUBLIC_ADDRESS}/webhooks/{payment.gateway}"
    return Order(
        reference=payment.reference,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        title=payment.title,
        payer=payment.opened_as,
        mail=payment.person.email if payment.person else "",
        opened_at=payment.opened_at,
        return_url=f"{hook}/return/{payment.reference}",
        cancel_url=page,
        webhook_url=hook,
        keep_method=payment.keep_method,
        gateway_ref=payment.gateway_ref,
        transaction_ref=payment.transaction_ref,
    )


def begin(payment: Payment, *, at: datetime) -> Redirect | FormPost:
    """Prepare the checkout, outside of any transaction, and return where to send the browser.

    :raises NotToPay: when it is paid, failed or given up
    :raises GatewayBusy: when the gateway does not answer; nothing is lost, and it can be repeated
    :raises BooksDisagree: while nothing may be charged
    """
    insist_books_agree()
    if payment.state not in OPEN:
        raise NotToPay(_("This payment is over."), way_on=_("Begin again from your wallet."))
    try:
        with called(payment.gateway):
            where = gateway_for(payment).begin(order_of(payment))
    except (NoAnswer, Declined) as trouble:
        raise GatewayBusy(
            _("The way to pay that you chose does not answer. Nothing was charged."),
            way_on=_("Try again in a minute, or choose another way to pay."),
        ) from trouble
    begun = Payment.objects.filter(pk=payment.pk, gateway_ref__in=("", where.gateway_ref))
    begun.update(gateway_ref=where.gateway_ref or payment.gateway_ref)
    payment.looks = 0  # whoever is at the gateway now will be back soon
    Payment.objects.filter(pk=payment.pk).update(
        begun_at=at, looks=0, look_next_at=next_look(payment, at=at)
    )
    return where


def look_up(payment: Payment, *, at: datetime) -> Payment:
    """Ask the gateway how it stands, outside of any transaction, and learn from the answer.

    :raises NoAnswer: when the gateway is down; the payment stays as it is
    """
    standing = ask(payment)
    if standing is not None:
        payment = learn(payment=payment, standing=standing, at=at)
    return looked(payment, at=at)


def ask(payment: Payment) -> Standing | None:
    """Return what the gateway says of it; None when it never heard of it.

    :raises NoAnswer: when it is down
    """
    with called(payment.gateway):
        return gateway_for(payment).look_up(order_of(payment))


def looked(payment: Payment, *, at: datetime, latest: datetime | None = None) -> Payment:
    """Keep that it was looked up, and when it will be next: by ``latest``, if it is looked at."""
    again = next_look(payment, at=at)
    if again and latest and latest > at:
        again = min(again, latest)
    told = {"looked_at": at, "looks": payment.looks + 1, "look_next_at": again}
    Payment.objects.filter(pk=payment.pk).update(**told)
    for name, value in told.items():
        setattr(payment, name, value)
    return payment


def charge_again(payment: Payment, method: SavedMethod, *, at: datetime) -> Payment:
    """Charge what was saved; once, whoever calls. Without an answer the payment is *unknown*.

    :raises BooksDisagree: while nothing may be charged; it can be repeated
    """
    insist_books_agree()
    untouched = Payment.objects.filter(pk=payment.pk, begun_at=None, state__in=OPEN)
    if not untouched.update(begun_at=at, look_next_at=at):
        payment.refresh_from_db()
        return payment
    try:
        with called(payment.gateway):
            standing = gateway_for(payment).charge_again(order_of(payment), method=method.reference)
    except Declined as said:
        return learn_progress(payment=payment, progress=Progress.FAILED, why=str(said), at=at)
    except NoAnswer:
        return be_unsure(payment=payment, at=at)
    return learn(payment=payment, standing=standing, at=at)


@contextmanager
def called(slug: str) -> Iterator[None]:
    """Keep whether the gateway that is called in here answers."""
    try:
        yield
    except NoAnswer:
        health.was_silent(slug, at=clock.now())
        raise
    except Declined:
        health.answered(slug)
        raise
    health.answered(slug)


def gateway_for(payment: Payment) -> Gateway:
    """:raises GatewayGone: when there is none of that name any more, or it lost its keys"""
    gateway = gateway_of(payment.gateway)
    if gateway is None:
        raise GatewayGone(
            _("This way to pay is switched off here."),
            way_on=_("Choose another way to pay, or ask whoever runs this place."),
        )
    return gateway
