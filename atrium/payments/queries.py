from uuid import UUID

from django.utils.translation import gettext as _

from atrium.kit.errors import NotFound
from atrium.payments.gateways.protocol import Gateway
from atrium.payments.gateways.registry import gateway_of, is_offered, slugs
from atrium.payments.gateways.setup import setup_of
from atrium.payments.models import Payment, PaymentReceipt
from atrium.payments.models.payment import PaymentQuerySet
from atrium.people.caller import Caller


class NoSuchPayment(NotFound):
    code = "no_such_payment"


def payments_of(caller: Caller) -> PaymentQuerySet:
    """Return what the caller paid or set out to pay."""
    found: PaymentQuerySet = Payment.objects.visible_to(caller)
    return found


def payment_of(caller: Caller, payment_id: UUID) -> Payment:
    """:raises NoSuchPayment: when there is none that this caller may see"""
    found: Payment | None = payments_of(caller).filter(pk=payment_id).first()
    if found is None:
        raise NoSuchPayment(_("There is no such payment."))
    return found


class NoSuchReceipt(NotFound):
    code = "no_such_receipt"


def receipt_of(caller: Caller, receipt_id: UUID) -> PaymentReceipt:
    """:raises NoSuchReceipt: when there is none that this caller may see"""
    found = PaymentReceipt.objects.visible_to(caller).filter(pk=receipt_id).first()
    if found is None:
        raise NoSuchReceipt(_("There is no such receipt."))
    return found


def gateways_for(currency: str, caller: Caller) -> list[Gateway]:
    """Return the gateways by which this caller can pay in ``currency`` now, in their order."""
    found = [gateway for slug in slugs() if (gateway := gateway_of(slug)) is not None]
    offered = [gateway for gateway in found if is_offered(gateway, currency)]
    return sorted(offered, key=lambda gateway: (setup_of(gateway.slug).order, gateway.title))
