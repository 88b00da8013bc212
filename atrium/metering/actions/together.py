"""Calls of many people begun and ended in a few statements, in one transaction.

``reserve`` and ``settle`` are the measure: what these do is what those would do one after the other
(a test plays both). Whatever is not the common case, or would be refused, is left to them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from atrium.kit import rows
from atrium.kit.ids import new_id
from atrium.kit.together import ALONE, Alone
from atrium.ledger import actions as ledger
from atrium.ledger.models import CREDIT, Hold
from atrium.metering.actions.asked import Asked
from atrium.metering.actions.calls import HOLD, LONGEST_CALL, price_of
from atrium.metering.actions.log import log_calls
from atrium.metering.actions.windows_together import Wanting, end_in_windows, set_aside_all
from atrium.metering.models import Receipt, Window
from atrium.metering.standing import Standing
from atrium.metering.tokens import agreed
from atrium.people import actions as people

_OPEN = {
    **dict.fromkeys(("id", "person_id", "about_id", "api_key_id", "model_id", "hold_id"), "uuid"),
    **dict.fromkeys(("key", "about_kind", "payer", "paid_by", "state"), "text"),
    **dict.fromkeys(("window_id", "window_number", "reserved", "fixed"), "bigint"),
    **dict.fromkeys(("input_price", "output_price", "price_version"), "bigint"),
    **dict.fromkeys(("tokens_in", "tokens_out", "worth", "charged"), "bigint"),
    "began_at": "timestamptz",
}
_ENDED = {
    "receipt": "uuid",
    **dict.fromkeys(("all_in", "all_out", "its_worth", "its_charge"), "bigint"),
    "ends_at": "timestamptz",
}
_END = """
UPDATE metering_receipt SET state = 'settled', tokens_in = told.all_in, tokens_out = told.all_out,
    worth = told.its_worth, charged = told.its_charge, ended_at = told.ends_at
FROM {told} WHERE id = told.receipt AND state = 'open' RETURNING id, person_id, guest_id
"""


class Used(NamedTuple):
    """A call that is to be settled: what the engine said of tokens, and what we counted."""

    receipt: Receipt
    said: tuple[object, object]
    counted: tuple[int, int]
    at: datetime


@transaction.atomic
def reserve_all(asked: Sequence[Asked]) -> list[Receipt | Alone]:
    """Set aside for each what it may take, and open its receipts."""
    in_debt = ledger.debtors_among({one.by.audience for one in asked})
    found: list[Receipt | Alone] = [ALONE] * len(asked)
    common = {
        place: one.standing
        for place, one in enumerate(asked)
        if one.standing and _is_common(one, one.standing) and one.by.audience not in in_debt
    }
    windows = _windows(asked, common)
    paying = [
        place
        for place, standing in common.items()
        if place not in windows and standing.credits_pay and asked[place].price
    ]
    with_keys = _with_keys(asked, paying)
    chosen = [place for place in common if place in windows or place in with_keys]
    receipts = {place: _receipt(asked[place], windows.get(place)) for place in chosen}
    stand = ledger.hold_all([receipts[place].hold for place in chosen])
    empty: Counter[UUID] = Counter()
    for place, stands in zip(chosen, stand, strict=True):
        if stands:
            found[place] = receipts[place]
        elif key := receipts[place].api_key_id:
            empty[key] += receipts[place].hold.amount
    people.give_back_to_keys(empty)
    rows.insert("metering_receipt", [_row(one) for one in found if isinstance(one, Receipt)], _OPEN)
    return found


@transaction.atomic(savepoint=False)
def settle_all(used: Sequence[Used]) -> list[Alone | None]:
    """Charge each for what it used, and write it down; one that ended already stays as it is."""
    common = {one.receipt.pk: one for one in used if _ends_commonly(one.receipt)}
    told = {key: _agreed(one) for key, one in common.items()}
    written = [(key, *told[key], one.at) for key, one in common.items()]
    whose = {
        rows.uuid_of(key): (person, guest) for key, person, guest in rows.run(_END, written, _ENDED)
    }
    ended = [one for key, one in common.items() if key in whose]
    for one in ended:
        _note(one, told[one.receipt.pk])
    end_in_windows((one.receipt, one.receipt.tokens) for one in ended)
    rests: Counter[UUID] = Counter()
    for one in ended:
        receipt = one.receipt
        if receipt.api_key_id and not receipt.is_paid_by_window:
            rests[receipt.api_key_id] += receipt.hold.amount - receipt.charged
    people.give_back_to_keys({key: rest for key, rest in rests.items() if rest})
    ledger.settle_all(
        [ledger.Settled(one.receipt.hold, one.receipt.charged, one.at) for one in ended]
    )
    log_calls([(one.receipt, *whose[one.receipt.pk]) for one in ended])
    return [None if one.receipt.pk in common else ALONE for one in used]


def _is_common(one: Asked, standing: Standing) -> bool:
    is_fit = standing.tier >= one.model.lowest_tier and not standing.is_counted
    return is_fit and one.by.person is not None


def _ends_commonly(receipt: Receipt) -> bool:
    is_theirs = receipt.person_id is not None and receipt.guest_id is None
    pays = receipt.paid_by == f"person:{receipt.person_id}"
    return is_theirs and pays and not receipt.share_id


def _windows(
    asked: Sequence[Asked], common: Mapping[int, Standing]
) -> dict[int, tuple[Window, int]]:
    places = [place for place in common if not asked[place].fixed]
    wanting = [
        Wanting(one.by.audience, one.tokens, common[place].most, one.at)
        for place, one in ((place, asked[place]) for place in places)
    ]
    found = set_aside_all(wanting)
    return {place: window for place, window in zip(places, found, strict=True) if window}


def _with_keys(asked: Sequence[Asked], paying: Sequence[int]) -> set[int]:
    """Return those whose key may spend as much, with what others of it ask for now."""
    most: Counter[UUID] = Counter()
    for place in paying:
        if key := asked[place].by.key:
            most[key.pk] += asked[place].price
    may = people.spend_with_keys(most)
    return {place for place in paying if (key := asked[place].by.key) is None or key.pk in may}


def _receipt(one: Asked, window: tuple[Window, int] | None) -> Receipt:
    held = Hold(
        key=f"call:{one.key}",
        holder=one.by.audience,
        asset=CREDIT,
        amount=0 if window else one.price,
        kind=HOLD,
        price={
            "input_price": one.model.input_price,
            "output_price": one.model.output_price,
            "price_version": one.model.price_version,
        },
        upstream_key=one.key,
        made_at=one.at,
        deadline_at=one.at + LONGEST_CALL,
    )
    return Receipt(
        id=new_id(),
        person=one.by.person,
        key=one.key,
        about_kind=one.about[0],
        about_id=one.about[1],
        api_key=one.by.key,
        model=one.model,
        payer=Receipt.Payer.WINDOW if window else Receipt.Payer.CREDITS,
        paid_by=one.by.audience,
        window=window[0] if window else None,
        window_number=window[1] if window else 0,
        reserved=one.tokens,
        fixed=one.fixed,
        hold=held,
        input_price=one.model.input_price,
        output_price=one.model.output_price,
        price_version=one.model.price_version,
        began_at=one.at,
    )


def _row(receipt: Receipt) -> tuple[object, ...]:
    return tuple(getattr(receipt, name) for name in _OPEN)


def _agreed(one: Used) -> tuple[int, int, int, int]:
    """Return what is charged for, as ``settle`` does: tokens in, out, their worth, the charge."""
    receipt = one.receipt
    used_in = agreed(said=one.said[0], counted=one.counted[0], most=receipt.reserved)
    used_out = agreed(said=one.said[1], counted=one.counted[1], most=receipt.reserved - used_in)
    worth = receipt.fixed + price_of(
        tokens_in=used_in,
        tokens_out=used_out,
        input_price=receipt.input_price,
        output_price=receipt.output_price,
    )
    charged = 0 if receipt.is_paid_by_window else min(worth, receipt.hold.amount)
    return used_in, used_out, worth, charged


def _note(one: Used, told: tuple[int, int, int, int]) -> None:
    receipt = one.receipt
    receipt.tokens_in, receipt.tokens_out, receipt.worth, receipt.charged = told
    receipt.state, receipt.ended_at = Receipt.State.SETTLED, one.at
