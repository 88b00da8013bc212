"""What the Sandbox does as an enemy: it lies, forges, repeats, breaks off, and takes money back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from atrium.payments.gateways.sandbox import bank, desk, telling
from atrium.payments.models import SandboxDelivery, SandboxMethod, SandboxOrder, SandboxWorld
from atrium.payments.models.sandbox import SandboxDispute

NOBODY = "0" * 32


class Lie(TextChoices):
    """What it says falsely of an order, whoever asks."""

    NOTHING = "", _("nothing")
    REFERENCE = "reference", _("the reference")
    AMOUNT = "amount", _("the amount")
    CURRENCY = "currency", _("the currency")
    MERCHANT = "merchant", _("the merchant")
    PERSON = "person", _("the person")
    TRANSACTION = "transaction", _("the transaction: it is another order’s")


def arrange(
    order: SandboxOrder,
    *,
    tells: SandboxOrder.Telling,
    refunding: SandboxOrder.Refunds,
    lie: Lie,
) -> None:
    """Set how an order will be told of, refunded and lied about from now on."""
    SandboxOrder.objects.filter(pk=order.pk).update(
        tells=tells, refunding=refunding, lies=_told_falsely(order, lie)
    )
    order.refresh_from_db()


def set_begins(begins: SandboxWorld.Begins) -> None:
    """Set how it takes new orders."""
    SandboxWorld.objects.update_or_create(pk=1, defaults={"begins": begins})


def set_next_charge(card: SandboxMethod, next_charge: SandboxMethod.Next) -> None:
    """Set what the card does when it is charged again."""
    SandboxMethod.objects.filter(pk=card.pk).update(next_charge=next_charge)


@transaction.atomic
def cancel_and_pay(order: SandboxOrder, *, at: datetime) -> None:
    """Give it up, and have the money arrive a while later all the same."""
    desk.cancel(order, at=at)
    desk.settle_later(order, at=at, whatever=True)


def pay_back_all(order: SandboxOrder, *, at: datetime) -> None:
    """Give back what is left, without having been asked by the merchant."""
    bank.pay_back(order, amount_minor=bank.left_of(order), at=at)


def forge(order: SandboxOrder, *, at: datetime) -> None:
    """Say that it was paid, signed with somebody else's key."""
    _send(order, SandboxDelivery.Signature.FORGED, {"state": "paid"}, at=at)


def say_unsigned(order: SandboxOrder, *, at: datetime) -> None:
    """Say that it was paid, without a signature."""
    _send(order, SandboxDelivery.Signature.MISSING, {"state": "paid"}, at=at)


def name_another(order: SandboxOrder, *, at: datetime) -> None:
    """Say, well signed, that another order was paid: the newest one of somebody else's."""
    other = SandboxOrder.objects.exclude(payer=order.payer).order_by("-made_at").first()
    about = {"reference": other.reference, "order": other.ref} if other else {"reference": NOBODY}
    told = {"state": "paid", **about}
    _send(order, SandboxDelivery.Signature.OURS, told, at=at)


@transaction.atomic
def repeat(order: SandboxOrder, *, at: datetime) -> None:
    """Send all that was said of the order once more, lost ones too."""
    order.deliveries.update(state=SandboxDelivery.State.WAITING, tries=0, ended_at=None)
    telling.send_soon(order, at=at)


def win(order: SandboxOrder, *, at: datetime) -> None:
    """Decide the dispute for the merchant."""
    desk.end_dispute(order, as_=SandboxDispute.State.WON, at=at)


def lose(order: SandboxOrder, *, at: datetime) -> None:
    """Decide the dispute for the payer."""
    desk.end_dispute(order, as_=SandboxDispute.State.LOST, at=at)


@transaction.atomic
def _send(
    order: SandboxOrder,
    signature: SandboxDelivery.Signature,
    instead: Mapping[str, object],
    *,
    at: datetime,
) -> None:
    telling.write_down(order, "order.paid", signature=signature, instead=instead, at=at)
    telling.send_soon(order, at=at)


def lie_of(order: SandboxOrder) -> Lie:
    """Return what it says falsely of the order."""
    return next((lie for lie, field in _FIELDS.items() if field in order.lies), Lie.NOTHING)


_FIELDS = {
    Lie.REFERENCE: "reference",
    Lie.AMOUNT: "amount_minor",
    Lie.CURRENCY: "currency",
    Lie.MERCHANT: "merchant",
    Lie.PERSON: "payer",
    Lie.TRANSACTION: "transaction",
}


def _told_falsely(order: SandboxOrder, lie: Lie) -> dict[str, Any]:
    if lie == Lie.NOTHING:
        return {}
    told: dict[Lie, Any] = {
        Lie.REFERENCE: NOBODY,
        Lie.AMOUNT: 1,
        Lie.CURRENCY: "JPY" if order.currency == "USD" else "USD",
        Lie.MERCHANT: "somebody-else",
        Lie.PERSON: "person:somebody-else",
        Lie.TRANSACTION: _transaction_of_another(order),
    }
    return {_FIELDS[lie]: told[lie]}


def _transaction_of_another(order: SandboxOrder) -> str:
    paid = SandboxOrder.objects.exclude(transaction_ref="").exclude(pk=order.pk)
    other = paid.order_by("-paid_at").first()
    return other.transaction_ref if other else f"st_{NOBODY}"
