from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from atrium.kit.errors import Conflict, Unprocessable
from atrium.kit.money import Money
from atrium.payments.actions.reconciling import open_for
from atrium.payments.gateways.registry import gateway_of, is_offered
from atrium.payments.learning import learn_that_it_was_free
from atrium.payments.models import Payment
from atrium.people.caller import Caller


class CannotPayWith(Unprocessable):
    """There is no such gateway here, or it does not take this currency."""

    code = "cannot_pay_with"


class OtherPayment(Conflict):
    """The key was used for another payment."""

    code = "key_used_otherwise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What is paid for: a registered purpose, and all it needs to know when the money comes."""

    purpose: str
    title: str
    amount: Money
    snapshot: Mapping[str, Any]
    about: tuple[str, UUID] | None = None


def open_payment(
    *,
    by: Caller,
    item: Item,
    gateway: str,
    key: str,
    keep_method: bool = False,
    at: datetime,
) -> Payment:
    """Open a payment of ``by``; a repeated ``key`` returns the first. Nothing is called yet.

    An amount of zero needs no gateway, and is paid at once.

    :raises CannotPayWith: when the gateway is not there, or takes another currency
    :raises OtherPayment: when the key named a payment of something else
    """
    merchant = _merchant_of(gateway, item.amount)
    about_kind, about_id = item.about or ("", None)
    told = {
        "purpose": item.purpose,
        "about_kind": about_kind,
        "about_id": about_id,
        "amount_minor": item.amount.minor,
        "currency": item.amount.currency,
        "gateway": gateway if item.amount.minor else "",
    }
    try:
        with transaction.atomic():
            payment = Payment.objects.create(
                **by.as_owner(),
                **told,
                opened_as=by.audience,
                key=key,
                title=item.title,
                snapshot=dict(item.snapshot),
                merchant=merchant,
                keep_method=keep_method,
                opened_at=at,
                look_next_at=at + open_for() if item.amount.minor else None,
            )
            return payment if item.amount.minor else learn_that_it_was_free(payment, at=at)
    except IntegrityError:
        known = Payment.objects.filter(opened_as=by.audience, key=key).first()
        if known is None:
            raise
    if any(getattr(known, name) != value for name, value in told.items()):
        raise OtherPayment(_("This key was used for another payment before."))
    return cast(Payment, known)


def _merchant_of(slug: str, amount: Money) -> str:
    if not amount.minor:
        return ""
    gateway = gateway_of(slug)
    if gateway is None or not is_offered(gateway, amount.currency):
        raise CannotPayWith(
            _("This way to pay does not take %(currency)s.") % {"currency": amount.currency},
            way_on=_("Choose another way to pay, or another currency."),
        )
    return gateway.merchant
