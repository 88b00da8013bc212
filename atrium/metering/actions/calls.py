from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from atrium.engines.models import Model
from atrium.kit.errors import NotAllowed, TooMany
from atrium.ledger import actions as ledger
from atrium.ledger.queries import balance_of
from atrium.metering import queries
from atrium.metering.actions.log import log_call
from atrium.metering.actions.shares import end_in_share, take_share
from atrium.metering.actions.windows import end_in_window, set_aside
from atrium.metering.deeds import deed_of_calls
from atrium.metering.models import Receipt, Share
from atrium.metering.payer import Payer
from atrium.metering.tokens import agreed
from atrium.metering.window import UNLIMITED
from atrium.payments import billing_clock
from atrium.people import actions as people
from atrium.people.caller import Caller
from atrium.plans.actions.allowances import give_back, use_allowance
from atrium.plans.queries import is_bounded

LONGEST_CALL = timedelta(minutes=15)
PER_MILLION = 1_000_000
HOLD = "call"  # the kind of holds that belong to a receipt


class WindowFull(TooMany):
    """The window has fewer tokens left than the call may take, and credits do not pay for it."""

    code = "window_full"
    says_numbers = True


class PlanTooLow(NotAllowed):
    """The model is for larger plans."""

    code = "plan_too_low"


@dataclass(frozen=True, slots=True)
class _Call:
    by: Caller
    payer: Payer
    model: Model
    tokens: int
    fixed: int
    price: int
    key: str
    at: datetime


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
    fixed: int = 0,
    about: tuple[str, UUID],
    key: str,
    payer: Payer | None = None,
    at: datetime,
) -> Receipt:
    """Set aside what the call may take, and open its receipt; a repeated ``key`` returns it.

    Exactly one pays: the window of whoever pays, when all of it fits; else their credits, when they
    said that these may. ``fixed`` micro-credits are for what tokens do not count, pictures and
    minutes: a call that has them costs credits alone.

    :raises PlanTooLow: when the plan of whoever pays is below the model's lowest
    :raises plans.AllowanceReached: when the month of whoever asks has no more such deeds
    :raises WindowFull: with when the window opens again, and what helps sooner
    :raises ShareUsedUp: when somebody else pays, and said for how much
    :raises ledger.DebtOwed: if whoever pays has to pay something back first
    :raises ledger.NotEnough: if the credits that are to pay are not there
    :raises people.KeySpent: if the key that asks may not spend that many credits any more
    """
    known: Receipt | None = Receipt.objects.filter(key=key).first()
    if known:
        return known
    payer = payer or Payer(caller=by)
    ledger.insist_nothing_is_owed(holder=payer.holder)
    tokens = max(0, tokens_in) + max(0, most_tokens_out)
    price = fixed + price_of(
        tokens_in=max(0, tokens_in),
        tokens_out=max(0, most_tokens_out),
        input_price=model.input_price,
        output_price=model.output_price,
    )
    call = _Call(by, payer, model, tokens, fixed, price, key, at)
    # Always in this order (allowance, share, window, key, accounts): no two calls wait for each
    # other in a ring.
    _count(by, about[0], at=at)
    share = _share(payer, tokens)
    return Receipt.objects.create(
        **by.as_owner(),
        **_paid(call),
        key=key,
        about_kind=about[0],
        about_id=about[1],
        api_key=by.key,
        model=model,
        paid_by=payer.holder,
        share=share,
        reserved=tokens,
        fixed=fixed,
        input_price=model.input_price,
        output_price=model.output_price,
        price_version=model.price_version,
        began_at=at,
    )


def _share(payer: Payer, tokens: int) -> Share | None:
    if payer.most_tokens is None:
        return None
    return take_share(name=payer.share, tokens=tokens, most=payer.most_tokens)


def _paid(call: _Call) -> dict[str, Any]:
    """Set aside all of it in one place, and return what the receipt says of that."""
    who, use_credits = call.payer.caller, call.payer.use_credits
    plan = None if who.is_nobody else queries.plan_at(who, at=call.at)
    if plan and plan.order < call.model.lowest_tier:
        raise _too_low(call.model)
    if plan and not (use_credits or call.fixed):
        most = queries.bound_of(plan)
        window = set_aside(holder=call.payer.holder, tokens=call.tokens, most=most, at=call.at)
        if window:
            return {
                "payer": Receipt.Payer.WINDOW,
                "window": window,
                "window_number": window.number,
                "hold": _hold(call, 0),
            }
        allowed = queries.credits_may_pay(who) if use_credits is None else use_credits
        # What costs no credits cannot be paid with them: the window would bound nothing.
        if not allowed or not call.price:
            raise _window_full(call, limit=plan.tokens_per_window, most=most)
    if call.by.key:
        people.spend_with_key(key_id=call.by.key.pk, most=call.price)
    return {"payer": Receipt.Payer.CREDITS, "hold": _hold(call, call.price)}


def _hold(call: _Call, amount: int) -> Any:
    """Hold the credits; a call that the window pays for holds none, and has its deadline."""
    return ledger.hold(
        key=f"call:{call.key}",
        holder=call.payer.holder,
        amount=amount,
        at=call.at,
        deadline=call.at + LONGEST_CALL,
        kind=HOLD,
        price={
            "input_price": call.model.input_price,
            "output_price": call.model.output_price,
            "price_version": call.model.price_version,
        },
        upstream_key=call.key,
    )


def _too_low(model: Model) -> PlanTooLow:
    lowest = queries.lowest_plan_for(model)
    return PlanTooLow(
        _("%(model)s is not part of your plan.") % {"model": model.title},
        way_on=_("Choose %(plan)s or a larger plan at /plans.") % {"plan": lowest.name}
        if lowest
        else "",
        link="/plans" if lowest else "",
    )


def _window_full(call: _Call, *, limit: int, most: int | None) -> WindowFull:
    state = queries.window_state(call.payer.holder, limit=limit, at=call.at)
    bound = most or 0
    said = {
        "need": number_format(call.tokens, force_grouping=True),
        "used": number_format(state.used, force_grouping=True),
        "limit": number_format(bound, force_grouping=True),
    }
    if call.tokens > bound:
        sentence = _("This may take %(need)s tokens, and your plan has %(limit)s in six hours.")
        opens_again = None
    else:
        sentence = _(
            "This may take %(need)s tokens; of %(limit)s in six hours, %(used)s are used or set"
            " aside. All are there again at %(time)s."
        )
        opens_again = state.resets_at
    moment = timezone.localtime(opens_again) if opens_again else None
    said["time"] = date_format(moment, "TIME_FORMAT") if moment else ""
    has_credits = call.price > 0 and balance_of(call.payer.holder) >= call.price
    ways = [_("Choose a larger plan at /plans.")] if limit != UNLIMITED else []
    if has_credits:
        ways.insert(0, _("Let your credits pay: switch that on at /usage."))
    return WindowFull(
        sentence % said,
        limit=bound,
        used=state.used,
        retry_at=opens_again,
        way_on=" ".join(ways),
        link="/usage" if has_credits else "/plans",
    )


@transaction.atomic
def settle(
    *,
    receipt: Receipt,
    tokens_in: object,
    tokens_out: object,
    counted: tuple[int | None, int | None] = (None, None),
    fixed: int | None = None,
    at: datetime,
) -> Receipt:
    """Charge what was used, never more than was set aside; a second time changes nothing.

    What the provider says of tokens stands as far as it can be true; else what we ``counted``
    ourselves does. ``fixed`` is what was delivered of what tokens do not count; all, if left out.
    """
    own_in, own_out = counted
    used_in = agreed(said=tokens_in, counted=own_in, most=receipt.reserved)
    used_out = agreed(said=tokens_out, counted=own_out, most=receipt.reserved - used_in)
    worth = price_of(
        tokens_in=used_in,
        tokens_out=used_out,
        input_price=receipt.input_price,
        output_price=receipt.output_price,
    )
    worth += receipt.fixed if fixed is None else max(0, min(fixed, receipt.fixed))
    charged = 0 if receipt.is_paid_by_window else min(worth, receipt.hold.amount)
    still_open = Receipt.objects.filter(pk=receipt.pk, state=Receipt.State.OPEN)
    if still_open.update(
        state=Receipt.State.SETTLED,
        tokens_in=used_in,
        tokens_out=used_out,
        worth=worth,
        charged=charged,
        ended_at=at,
    ):
        _give_back(receipt, tokens=used_in + used_out, charged=charged)
        ledger.settle(held=receipt.hold, amount=charged, at=at)
        return _logged(receipt)
    receipt.refresh_from_db()
    return receipt


@transaction.atomic
def release(*, receipt: Receipt, at: datetime) -> Receipt:
    """Charge nothing, since nothing was delivered; a receipt that ended already stays as it is."""
    still_open = Receipt.objects.filter(pk=receipt.pk, state=Receipt.State.OPEN)
    if still_open.update(state=Receipt.State.RELEASED, ended_at=at):
        _give_back(receipt, tokens=0, charged=0)
        ledger.release(held=receipt.hold, at=at)
        _uncount(receipt)
        return _logged(receipt)
    receipt.refresh_from_db()
    return receipt


def _logged(receipt: Receipt) -> Receipt:
    """Read it anew, as whoever asked as a guest may have signed in, and write it down."""
    receipt.refresh_from_db()
    log_call(receipt)
    return receipt


def _count(by: Caller, about_kind: str, *, at: datetime) -> None:
    """Count the deed where the plan of whoever does it bounds that."""
    deed, then = deed_of_calls(about_kind), at + billing_clock.ahead()
    if is_bounded(by, deed.key, at=then):
        use_allowance(by=by, action=deed.key, at=then)


def _uncount(receipt: Receipt) -> None:
    by, deed = Caller(person=receipt.person, guest=receipt.guest), deed_of_calls(receipt.about_kind)
    then = receipt.began_at + billing_clock.ahead()
    if is_bounded(by, deed.key, at=then):
        give_back(by=by, action=deed.key, at=then)


def _give_back(receipt: Receipt, *, tokens: int, charged: int) -> None:
    """Set nothing aside any more, in the order in which it was."""
    if receipt.share_id:
        end_in_share(share_id=receipt.share_id, rest=receipt.reserved - tokens)
    if receipt.is_paid_by_window:
        end_in_window(receipt, used=tokens)
    elif receipt.api_key_id:
        people.give_back_to_key(key_id=receipt.api_key_id, rest=receipt.hold.amount - charged)
