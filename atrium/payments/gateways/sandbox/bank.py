"""What merchants can ask of the Sandbox: each function could be an HTTP call, and may break off."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, Sum

from atrium.payments.gateways.sandbox import desk, telling
from atrium.payments.models import SandboxMethod, SandboxOrder, SandboxRefund, SandboxWorld

MERCHANT = "sandbox-merchant"
_FIELDS = ("amount_minor", "currency", "payer")


class BrokenLine(Exception):
    """The connection broke off; whether anything happened is not told."""


class Refused(Exception):
    """The Sandbox understood, and will not."""


def open_order(told: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """Keep an order to be paid; the same reference is the same order.

    :raises BrokenLine: when it was told to break off, before or after
    """
    world, _is_new = SandboxWorld.objects.get_or_create(pk=1)
    if world.begins == SandboxWorld.Begins.DOWN:
        raise BrokenLine
    order = _keep(told, at=at)
    once = SandboxWorld.objects.filter(pk=1, begins=SandboxWorld.Begins.NO_ANSWER)
    if once.update(begins=SandboxWorld.Begins.WORKS):
        raise BrokenLine
    return {"ref": order.ref, "page": f"/sandbox/checkout/{order.ref}"}


def read_order(*, ref: str, reference: str) -> dict[str, Any] | None:
    """Return how an order stands, found by our reference or the merchant's.

    :raises BrokenLine: when the Sandbox is down
    """
    if SandboxWorld.objects.filter(pk=1, begins=SandboxWorld.Begins.DOWN).exists():
        raise BrokenLine
    order = _found(ref=ref, reference=reference)
    return describe(order) if order else None


def describe(order: SandboxOrder) -> dict[str, Any]:
    """Return all that is told of an order, with its lies."""
    return {
        "ref": order.ref,
        "reference": order.reference,
        "merchant": order.merchant,
        "payer": order.payer,
        "amount_minor": order.amount_minor,
        "currency": order.currency,
        "state": order.state,
        "why": order.why,
        "transaction": order.transaction_ref,
        "fee_minor": order.fee_minor,
        "method": _card(order),
        "refunds": [describe_refund(one) for one in order.refunds.order_by("made_at", "pk")],
        "disputes": [
            {"ref": f"sd_{one.pk.hex}", "amount_minor": one.amount_minor, "state": one.state}
            for one in order.disputes.order_by("made_at", "pk")
        ],
        **order.lies,
    }


def describe_refund(one: SandboxRefund) -> dict[str, Any]:
    return {
        "ref": f"sr_{one.pk.hex}",
        "key": one.key,
        "amount_minor": one.amount_minor,
        "state": one.state,
    }


def refund(
    *, ref: str, reference: str, amount_minor: int, key: str, at: datetime
) -> dict[str, Any]:
    """Pay back, once for each ``key``.

    :raises Refused: when it was told to decline, or less is left
    :raises BrokenLine: when it was told to break off after paying back
    """
    order = _found(ref=ref, reference=reference)
    if order is None or order.state != SandboxOrder.State.PAID:
        raise Refused("This order is not paid.")
    before = SandboxRefund.objects.filter(order=order, key=key).first()
    if before:
        return describe_refund(before)
    if order.refunding == SandboxOrder.Refunds.DECLINED:
        raise Refused("The Sandbox was told to decline this refund.")
    made = pay_back(order, amount_minor=amount_minor, key=key, at=at)
    if order.refunding == SandboxOrder.Refunds.NO_ANSWER:
        raise BrokenLine
    return describe_refund(made)


def pay_back(
    order: SandboxOrder, *, amount_minor: int, key: str = "", at: datetime
) -> SandboxRefund:
    """Give money back to the payer, asked for by the merchant or made here.

    :raises Refused: when less is left
    """
    with transaction.atomic():
        SandboxOrder.objects.filter(pk=order.pk).update(charges=F("charges"))  # held: one at a time
        if not 0 < amount_minor <= left_of(order):
            raise Refused("Less is left of this order.")
        made = SandboxRefund.objects.create(
            order=order, key=key, amount_minor=amount_minor, made_at=at
        )
        telling.tell(order, "refund.done", at=at)
    return made


def left_of(order: SandboxOrder) -> int:
    """Return how much of it was paid and did not go back."""
    if order.state != SandboxOrder.State.PAID:
        return 0
    gone = order.refunds.exclude(state=SandboxRefund.State.FAILED).aggregate(
        sum=Sum("amount_minor")
    )
    return order.amount_minor - (gone["sum"] or 0)


def charge(told: Mapping[str, Any], *, token: str, at: datetime) -> dict[str, Any]:
    """Charge a remembered card; the same reference only once.

    :raises Refused: when the card is declined, or is not known
    :raises BrokenLine: when it was told to break off, before or after
    """
    known = _found(ref="", reference=told["reference"])
    if known and known.state != SandboxOrder.State.OPEN:
        return _paid_or_refused(known)
    card = SandboxMethod.objects.filter(pk=token, payer=told["payer"]).first()
    if card is None:
        raise Refused("This card is not known.")
    will = SandboxMethod.Next(card.next_charge)
    if will == SandboxMethod.Next.NO_EFFECT:
        _use_up(card)
        raise BrokenLine
    with transaction.atomic():
        order = _keep(told, at=at)
        if will == SandboxMethod.Next.DECLINES:
            desk.fail(order, why="The card was declined.", at=at)
        else:
            desk.pay(order, card=card, at=at)
    if will == SandboxMethod.Next.NO_ANSWER:
        _use_up(card)
        raise BrokenLine
    order.refresh_from_db()
    return _paid_or_refused(order)


def _paid_or_refused(order: SandboxOrder) -> dict[str, Any]:
    if order.state == SandboxOrder.State.FAILED:
        raise Refused(order.why)
    return describe(order)


def _keep(told: Mapping[str, Any], *, at: datetime) -> SandboxOrder:
    order, is_new = SandboxOrder.objects.get_or_create(
        reference=told["reference"], defaults={**told, "merchant": MERCHANT, "made_at": at}
    )
    if not is_new and any(getattr(order, name) != told[name] for name in _FIELDS):
        raise Refused("There is another order with this reference.")
    return order


def _found(*, ref: str, reference: str) -> SandboxOrder | None:
    return SandboxOrder.objects.filter(
        Q(pk=desk.id_of(ref)) if ref else Q(reference=reference)
    ).first()


def _card(order: SandboxOrder) -> dict[str, str] | None:
    if order.method is None or not order.keeps_method:
        return None
    return {"token": order.method.pk, "label": order.method.label}


def _use_up(card: SandboxMethod) -> None:
    SandboxMethod.objects.filter(pk=card.pk).update(next_charge=SandboxMethod.Next.WORKS)
