"""The one place where a payment's state moves: what a gateway said is compared, kept, and followed.

An effect is the difference between what should be, given all that is known, and what was done. So
facts may come doubled, late and in any order, from a webhook's job, a page and the reconciler at
once: each difference is made up for once.
"""

import logging
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from atrium.events.actions import tell
from atrium.ledger.actions import book_money
from atrium.payments.followers import every_follower
from atrium.payments.gateways.protocol import Standing
from atrium.payments.looking import next_look
from atrium.payments.methods import keep_method
from atrium.payments.models import Dispute, Payment, Refund
from atrium.payments.purposes import Purpose, Returned, purpose_of
from atrium.payments.states import (
    OPEN,
    DisputeFact,
    DisputeRank,
    Known,
    Progress,
    RefundFact,
    RefundRank,
    State,
)

logger = logging.getLogger(__name__)


def learn(*, payment: Payment, standing: Standing, at: datetime) -> Payment:
    """Take what the gateway said of the payment into account, and do what follows from it.

    A standing that does not equal our order gives nothing: the payment is marked for a person.
    """
    try:
        with transaction.atomic():
            held = _hold(payment)
            if wrong := _what_differs(held, standing):
                return _mark(held, wrong, standing, at=at)
            known = _keep_facts(held, standing, at=at)
            held.gateway_ref = held.gateway_ref or standing.gateway_ref
            held.transaction_ref = held.transaction_ref or standing.transaction_ref
            held.fee_minor = max(held.fee_minor, standing.fee_minor)
            held.why = standing.why[:300] or held.why
            held.save()  # before anything follows: one transaction there counts once here
            if standing.method and held.keep_method and known.progress == Progress.PAID:
                keep_method(held, standing.method, at=at)
            return _follow(held, known, at=at)
    except IntegrityError as broken:
        if not _is_taken(broken):
            raise
    # Somebody else's order or transaction there was offered as this one's.
    with transaction.atomic():
        return _mark(_hold(payment), ["transaction"], standing, at=at)


def learn_that_it_was_free(payment: Payment, *, at: datetime) -> Payment:
    """Fulfil what costs nothing, and so needs no gateway."""
    assert payment.amount_minor == 0
    with transaction.atomic():
        return _follow(_hold(payment), Known(Progress.PAID), at=at)


def learn_progress(*, payment: Payment, progress: Progress, why: str = "", at: datetime) -> Payment:
    """Keep what we know without the gateway: it was given up, or no money can have moved."""
    assert progress in (Progress.CANCELLED, Progress.FAILED, Progress.PROCESSING)
    with transaction.atomic():
        held = _hold(payment)
        held.why = why[:300] or held.why
        return _follow(held, held.known().and_also(progress), at=at)


def learn_of_refund(*, payment: Payment, fact: RefundFact, at: datetime) -> Payment:
    """Keep how a refund stands, as the call that asked for it was answered."""
    with transaction.atomic():
        held = _hold(payment)
        _keep_refund(held, fact, at=at)
        return _follow(held, held.known(), at=at)


def be_unsure(*, payment: Payment, at: datetime) -> Payment:
    """Keep that a call which moves money had no answer: it is asked about, never repeated."""
    with transaction.atomic():
        held = _hold(payment)
        held.is_unsure = True
        return _follow(held, held.known(), at=at, has_answer=False)


def take_note_of_stray(*, payment: Payment, fact: RefundFact, at: datetime) -> Payment:
    """Keep how it stands with money that goes back and was never counted as the payment's."""
    with transaction.atomic():
        held = _hold(payment)
        _keep_refund(held, fact, at=at)
        return held


def _is_taken(broken: IntegrityError) -> bool:
    """Whether it broke on an order or a transaction that is another payment's."""
    said = str(broken)
    return "counts_once" in said or ("payments_payment.gateway" in said)


def _hold(payment: Payment) -> Payment:
    """Take the row for this transaction, and read it: of two who learn at once, one waits."""
    Payment.objects.filter(pk=payment.pk).update(version=F("version") + 1)
    return Payment.objects.get(pk=payment.pk)


def _what_differs(payment: Payment, standing: Standing) -> list[str]:
    """Return which of what must be equal is not. What a gateway leaves out cannot differ."""
    told = {
        "reference": (standing.reference, payment.reference),
        "amount": (standing.amount_minor, payment.amount_minor),
        "currency": (standing.currency, payment.currency),
        "merchant": (standing.merchant, payment.merchant),
        "person": (standing.payer or payment.opened_as, payment.opened_as),
        "order": (
            standing.gateway_ref or payment.gateway_ref,
            payment.gateway_ref or standing.gateway_ref,
        ),
    }
    differ = [name for name, (said, ours) in told.items() if said != ours]
    # What somebody of the staff took for ours at a look, as it was said then.
    accepted = payment.accepted.split() if payment.differing == _said(standing) else []
    return [name for name in differ if name not in accepted]


def _said(standing: Standing) -> dict[str, object]:
    """Return what is kept of a standing that is not our order's, for somebody to judge."""
    return {
        "progress": int(standing.progress),
        "reference": standing.reference,
        "amount_minor": standing.amount_minor,
        "currency": standing.currency,
        "merchant": standing.merchant,
        "payer": standing.payer,
        "gateway_ref": standing.gateway_ref,
        "transaction_ref": standing.transaction_ref,
    }


def _mark(payment: Payment, wrong: list[str], standing: Standing, *, at: datetime) -> Payment:
    said = _said(standing)
    if said == payment.differing and (payment.needs_look or payment.judged_at):
        return payment  # known, and looked at or waiting for it
    logger.error("payment %s: the gateway's %s is not ours", payment.pk, ", ".join(wrong))
    payment.needs_look, payment.differing, payment.judged_at = ", ".join(wrong)[:300], said, None
    payment.save(update_fields=["needs_look", "differing", "judged_at"])
    for follower in every_follower():
        follower.marked(payment, at=at)
    _tell(payment, at=at)
    return payment


def _keep_facts(payment: Payment, standing: Standing, *, at: datetime) -> Known:
    # Those that name a refund of ours first, so that no other is taken for it by its amount.
    for refund in sorted(standing.refunds, key=lambda fact: not fact.key):
        _keep_refund(payment, refund, at=at)
    for dispute in standing.disputes:
        _keep_dispute(payment, dispute, at=at)
    return payment.known().and_also(standing.progress)


def _keep_refund(payment: Payment, fact: RefundFact, *, at: datetime) -> None:
    row = _row_of(payment, fact) or Refund(payment=payment, made_at=at, amount_minor=0)
    row.reference = row.reference or fact.reference
    row.amount_minor = max(row.amount_minor, fact.amount_minor)
    row.rank = RefundRank(max(row.rank, fact.rank))
    if row.rank >= RefundRank.DONE and row.ended_at is None:
        row.ended_at = at
    row.save()


def _row_of(payment: Payment, fact: RefundFact) -> Refund | None:
    """Find the refund by the gateway's reference, by our key, or as the one that we asked for."""
    rows = list(payment.refunds.order_by("made_at"))
    waiting = [row for row in rows if not row.reference]
    return (
        next((row for row in rows if row.reference and row.reference == fact.reference), None)
        or next((row for row in waiting if fact.key == row.pk.hex), None)
        or next((row for row in _called(waiting, fact)), None)
    )


def _called(waiting: list[Refund], fact: RefundFact) -> list[Refund]:
    """Those that this may be, of a gateway that does not say for whom it paid back."""
    if fact.key:
        return []
    return [row for row in waiting if row.called_at and row.amount_minor == fact.amount_minor]


def _keep_dispute(payment: Payment, fact: DisputeFact, *, at: datetime) -> None:
    row, _is_new = Dispute.objects.get_or_create(
        payment=payment,
        reference=fact.reference,
        defaults={"amount_minor": fact.amount_minor, "opened_at": at},
    )
    row.amount_minor = max(row.amount_minor, fact.amount_minor)
    row.rank = DisputeRank(max(row.rank, fact.rank))
    if row.rank != DisputeRank.OPENED and row.ended_at is None:
        row.ended_at = at
    row.save()


def _follow(payment: Payment, known: Known, *, at: datetime, has_answer: bool = True) -> Payment:
    """Make up for the difference between what should be and what was done."""
    before = State(payment.state)
    payment.progress = known.progress
    if has_answer:
        payment.is_unsure = False
    payment.state = known.state(payment.amount_minor, is_unsure=payment.is_unsure)
    _do(payment, known, purpose_of(payment), at=at)
    if payment.state in OPEN:
        payment.ended_at = None
    elif payment.ended_at is None:
        payment.ended_at = at
        if payment.state in (State.FAILED, State.CANCELLED):
            purpose_of(payment).drop(payment, at=at)
    if payment.state != before and payment.gateway:
        payment.looks = 0
        payment.look_next_at = next_look(payment, at=at)
    payment.save()
    if payment.state != before:
        for follower in every_follower():
            follower.changed(payment, before, at=at)
        _tell(payment, at=at)
    return payment


def _do(payment: Payment, known: Known, purpose: Purpose, *, at: datetime) -> None:
    is_paid = known.progress == Progress.PAID
    if is_paid and payment.fulfilled_at is None:
        payment.fulfilled_at = at
        _book(payment, payment.amount_minor, at=at, fee_minor=payment.fee_minor)
        purpose.fulfil(payment, at=at)
        for follower in every_follower():
            follower.fulfilled(payment, at=at)
    returned = known.returned_of(payment.amount_minor)
    goes_back = is_paid and returned != payment.returned_minor
    rested = payment.frozen_at
    if payment.frozen_at and (goes_back or not known.is_disputed):
        payment.frozen_at = None  # what goes back comes out of what rests, and is no debt
        purpose.thaw(payment, at=at)
    if goes_back:
        _return(payment, returned, purpose, at=at)
    if known.is_disputed and payment.frozen_at is None:
        payment.frozen_at = rested or at
        purpose.freeze(payment, at=at)
        if rested is None:
            for follower in every_follower():
                follower.disputed(payment, at=at)


def _return(payment: Payment, returned: int, purpose: Purpose, *, at: datetime) -> None:
    change = Returned(payment.returned_minor, returned)
    payment.returned_minor = returned
    _book(payment, change.before - change.now, at=at)
    purpose.reverse(payment, change, at=at)
    for follower in every_follower():
        follower.returned(payment, change, at=at)


def _book(payment: Payment, amount_minor: int, *, at: datetime, fee_minor: int = 0) -> None:
    """Write into the books that money came, or went back."""
    if amount_minor:
        book_money(
            gateway=payment.gateway,
            amount_minor=amount_minor,
            currency=payment.currency,
            fee_minor=fee_minor,
            key=f"{payment.effect_key}:{'in' if amount_minor > 0 else 'back'}",
            about=("payment", payment.pk),
            at=at,
        )


def _tell(payment: Payment, *, at: datetime) -> None:
    """Let every open page of theirs know; which of it is theirs to see, the page reads itself."""
    tell(payment.audience, "payment.changed", {"id": str(payment.pk)}, at=at)


__all__ = ["be_unsure", "learn", "learn_of_refund", "learn_progress", "learn_that_it_was_free"]
