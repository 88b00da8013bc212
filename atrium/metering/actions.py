from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from atrium.engines.models import Model
from atrium.ledger import actions as ledger
from atrium.metering.models import Receipt
from atrium.people import actions as people
from atrium.people.caller import Caller

LONGEST_CALL = timedelta(minutes=15)
PER_MILLION = 1_000_000
HOLD = "call"  # the kind of holds that belong to a receipt


def price_of(*, tokens_in: int, tokens_out: int, input_price: int, output_price: int) -> int:
    """Return what a call costs in micro-credits, rounded up once."""
    return -(-(tokens_in * input_price + tokens_out * output_price) // PER_MILLION)


@transaction.atomic
def reserve(
    *,
    by: Caller,
    model: Model,
    tokens_in: int,
    most_tokens_out: int,
    about: tuple[str, UUID],
    key: str,
    at: datetime,
) -> Receipt:
    """Set aside what the call may cost, and open its receipt; a repeated ``key`` returns it.

    :raises ledger.DebtOwed: if whoever asks has to pay something back first
    :raises ledger.NotEnough: if whoever asks cannot pay that much
    :raises people.KeySpent: if the key that asks may not spend that much any more
    """
    known: Receipt | None = Receipt.objects.filter(key=key).first()
    if known:
        return known
    ledger.insist_nothing_is_owed(holder=by.audience)
    most = price_of(
        tokens_in=tokens_in,
        tokens_out=most_tokens_out,
        input_price=model.input_price,
        output_price=model.output_price,
    )
    if by.key:
        # Always before the accounts, so that no two calls wait for each other in a ring.
        people.spend_with_key(key_id=by.key.pk, most=most)
    held = ledger.hold(
        key=f"call:{key}",
        holder=by.audience,
        amount=most,
        at=at,
        deadline=at + LONGEST_CALL,
        kind=HOLD,
        price={
            "input_price": model.input_price,
            "output_price": model.output_price,
            "price_version": model.price_version,
        },
        upstream_key=key,
    )
    return Receipt.objects.create(
        **by.as_owner(),
        key=key,
        about_kind=about[0],
        about_id=about[1],
        api_key=by.key,
        model=model,
        hold=held,
        input_price=model.input_price,
        output_price=model.output_price,
        price_version=model.price_version,
        began_at=at,
    )


@transaction.atomic
def settle(*, receipt: Receipt, tokens_in: int, tokens_out: int, at: datetime) -> Receipt:
    """Charge what was used, never more than was set aside; a second time changes nothing."""
    used = price_of(
        tokens_in=max(0, tokens_in),
        tokens_out=max(0, tokens_out),
        input_price=receipt.input_price,
        output_price=receipt.output_price,
    )
    charged = min(used, receipt.hold.amount)
    still_open = Receipt.objects.filter(pk=receipt.pk, state=Receipt.State.OPEN)
    if still_open.update(
        state=Receipt.State.SETTLED,
        tokens_in=max(0, tokens_in),
        tokens_out=max(0, tokens_out),
        charged=charged,
        ended_at=at,
    ):
        _give_back(receipt, receipt.hold.amount - charged)
        ledger.settle(held=receipt.hold, amount=charged, at=at)
    receipt.refresh_from_db()
    return receipt


@transaction.atomic
def release(*, receipt: Receipt, at: datetime) -> Receipt:
    """Charge nothing, since nothing was delivered; a receipt that ended already stays as it is."""
    still_open = Receipt.objects.filter(pk=receipt.pk, state=Receipt.State.OPEN)
    if still_open.update(state=Receipt.State.RELEASED, ended_at=at):
        _give_back(receipt, receipt.hold.amount)
        ledger.release(held=receipt.hold, at=at)
    receipt.refresh_from_db()
    return receipt


def _give_back(receipt: Receipt, rest: int) -> None:
    if receipt.api_key_id:
        people.give_back_to_key(key_id=receipt.api_key_id, rest=rest)
