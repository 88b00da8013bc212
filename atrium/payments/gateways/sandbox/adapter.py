"""The Sandbox as a gateway, on our side of the line."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from atrium.kit import clock
from atrium.kit.http import assert_no_transaction
from atrium.kit.money import EXPONENTS
from atrium.payments.gateways.protocol import (
    Declined,
    Delivery,
    Forged,
    Hint,
    MethodFact,
    NoAnswer,
    Order,
    Redirect,
    Standing,
)
from atrium.payments.gateways.sandbox import bank, telling
from atrium.payments.states import DisputeFact, DisputeRank, Progress, RefundFact, RefundRank

SLUG = "sandbox"
_PROGRESS = {
    "open": Progress.CREATED,
    "processing": Progress.PROCESSING,
    "cancelled": Progress.CANCELLED,
    "failed": Progress.FAILED,
    "paid": Progress.PAID,
}
_REFUNDS = {"pending": RefundRank.PENDING, "done": RefundRank.DONE, "failed": RefundRank.FAILED}
_DISPUTES = {"opened": DisputeRank.OPENED, "won": DisputeRank.WON, "lost": DisputeRank.LOST}


class Sandbox:
    """A gateway for trying things out."""

    slug = SLUG
    title = "Sandbox"
    currencies = frozenset(EXPONENTS)
    can_refund = True
    can_charge_again = True
    merchant = bank.MERCHANT

    def begin(self, order: Order) -> Redirect:
        assert_no_transaction()
        try:
            made = bank.open_order(_as_told(order), at=clock.now())
        except bank.BrokenLine as trouble:
            raise NoAnswer from trouble
        except bank.Refused as said:
            raise Declined(str(said)) from said
        return Redirect(f"{settings.PUBLIC_ADDRESS}{made['page']}", made["ref"])

    def look_up(self, order: Order) -> Standing | None:
        assert_no_transaction()
        try:
            told = bank.read_order(ref=order.gateway_ref, reference=order.reference)
        except bank.BrokenLine as trouble:
            raise NoAnswer from trouble
        return _standing(told) if told else None

    def read_webhook(self, raw: bytes, headers: Mapping[str, str]) -> Delivery:
        given = {name.lower(): value for name, value in headers.items()}
        signature = given.get(telling.HEADER.lower(), "")
        if not telling.is_ours(raw, signature, at=clock.now()):
            raise Forged
        told = json.loads(raw)
        return Delivery(
            key=told["id"],
            kind=told["type"],
            hints=(Hint(reference=told["reference"], gateway_ref=told["order"]),),
        )

    def refund(self, order: Order, *, amount_minor: int, key: str) -> RefundFact:
        assert_no_transaction()
        try:
            told = bank.refund(
                ref=order.gateway_ref,
                reference=order.reference,
                amount_minor=amount_minor,
                key=key,
                at=clock.now(),
            )
        except bank.BrokenLine as trouble:
            raise NoAnswer from trouble
        except bank.Refused as said:
            raise Declined(str(said)) from said
        return _refund_fact(told)

    def charge_again(self, order: Order, *, method: str) -> Standing:
        assert_no_transaction()
        try:
            return _standing(bank.charge(_as_told(order), token=method, at=clock.now()))
        except bank.BrokenLine as trouble:
            raise NoAnswer from trouble
        except bank.Refused as said:
            raise Declined(str(said)) from said


def here() -> Sandbox | None:
    """Return the Sandbox where it may exist: never in production."""
    return Sandbox() if settings.SANDBOX else None


def _as_told(order: Order) -> dict[str, Any]:
    return {
        "reference": order.reference,
        "amount_minor": order.amount_minor,
        "currency": order.currency,
        "title": order.title,
        "payer": order.payer,
        "return_url": order.return_url,
        "cancel_url": order.cancel_url,
        "webhook_url": order.webhook_url,
        "keeps_method": order.keep_method,
    }


def _standing(told: Mapping[str, Any]) -> Standing:
    card = told["method"]
    return Standing(
        progress=_PROGRESS[told["state"]],
        reference=told["reference"],
        amount_minor=told["amount_minor"],
        currency=told["currency"],
        merchant=told["merchant"],
        payer=told["payer"],
        gateway_ref=told["ref"],
        transaction_ref=told["transaction"],
        fee_minor=told["fee_minor"],
        refunds=tuple(_refund_fact(one) for one in told["refunds"]),
        disputes=tuple(
            DisputeFact(one["ref"], one["amount_minor"], _DISPUTES[one["state"]])
            for one in told["disputes"]
        ),
        method=MethodFact(card["token"], card["label"]) if card else None,
        why=told["why"],
    )


def _refund_fact(told: Mapping[str, Any]) -> RefundFact:
    return RefundFact(told["ref"], told["amount_minor"], _REFUNDS[told["state"]], told["key"])
