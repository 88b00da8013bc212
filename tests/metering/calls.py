"""Calls that ask for so many tokens, and end with so many."""

from datetime import UTC, datetime, timedelta

from atrium.engines.models import Model
from atrium.kit.ids import new_id
from atrium.ledger.actions import grant
from atrium.metering.actions import reserve, settle
from atrium.metering.models import Receipt
from atrium.metering.payer import Payer
from atrium.metering.queries import window_of
from atrium.people.caller import Caller

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def call(
    by: Caller, most: int, *, at: datetime = NOON, key: str = "", payer: Payer | None = None
) -> Receipt:
    return reserve(
        by=by,
        model=Model.objects.get(),
        tokens_in=0,
        most_tokens_out=most,
        about=("turn", new_id()),
        key=key or str(new_id()),
        payer=payer,
        at=at,
    )


def end(receipt: Receipt, used: int, *, at: datetime = NOON) -> Receipt:
    return settle(receipt=receipt, tokens_in=0, tokens_out=used, at=at)


def used(by: Caller, at: datetime = NOON) -> int:
    return window_of(by, at).used


def with_credits(by: Caller, amount: int) -> None:
    Model.objects.update(output_price=1_000_000)  # a micro-credit for a token
    grant(holder=by.audience, amount=amount, key="gift", kind="gift", at=NOON)
