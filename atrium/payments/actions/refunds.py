"""Money that goes back: asked for here by one of finance, above an amount by two."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.jobs.actions import enqueue
from atrium.kit import clock
from atrium.kit.errors import Conflict, NotAllowed, Unprocessable
from atrium.kit.money import EXPONENTS, Money
from atrium.notifications.actions import notify
from atrium.options.queries import value
from atrium.payments import checkout, health
from atrium.payments.gateways.protocol import Declined, NoAnswer, Standing
from atrium.payments.gateways.registry import GatewayGone, gateway_of
from atrium.payments.learning import learn, learn_of_refund, take_note_of_stray
from atrium.payments.models import Payment, Refund
from atrium.payments.states import GIVEN, RefundFact, RefundRank
from atrium.people.caller import Caller

MOST_TRIES = 12
_WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (20, 60, 300, 900, 3600, 14_400, 43_200, 86_400)
)


class TooMuchBack(Conflict):
    """More would go back than was paid and is still here."""

    code = "too_much_back"


class CannotPayBack(Unprocessable):
    """The gateway pays nothing back when it is asked by a program."""

    code = "cannot_pay_back"


class NotYours(NotAllowed):
    """Who asked for it cannot be the second to say so."""

    code = "second_person_needed"


class RefundIsOver(Conflict):
    """It was sent, or called off, already."""

    code = "refund_is_over"


@transaction.atomic
def ask_refund(
    *, payment: Payment, amount_minor: int, by: Caller, reason: str, at: datetime
) -> Refund:
    """Keep that so much shall go back; the gateway is asked afterwards, by a job.

    :raises TooMuchBack: when less is left, or nothing was paid
    :raises CannotPayBack: when the gateway cannot, or a dispute is about the same money
    """
    Payment.objects.filter(pk=payment.pk).update(version=F("version"))  # held: one asks at a time
    payment.refresh_from_db()
    insist_it_can_pay_back(payment)
    ours = payment.refunds.filter(rank__lte=RefundRank.PENDING, is_stray=False)
    asked = ours.aggregate(sum=Sum("amount_minor"))
    left = payment.kept_minor - (asked["sum"] or 0) if payment.state in GIVEN else 0
    if not 0 < amount_minor <= left:
        raise TooMuchBack(
            _("Of this payment %(left)s can go back.") % {"left": Money(left, payment.currency)},
            limit=left,
            used=amount_minor,
        )
    return keep_refund(payment, amount_minor=amount_minor, by=by, reason=reason, at=at)


def insist_it_can_pay_back(payment: Payment) -> None:
    """:raises CannotPayBack: when asking its gateway would be in vain"""
    gateway = gateway_of(payment.gateway)
    if gateway is None or not gateway.can_refund:
        raise CannotPayBack(
            _("This way to pay gives nothing back when we ask it."),
            way_on=_("Pay it back on the gateway's own pages; it is found there by asking."),
        )
    if payment.frozen_at:
        raise CannotPayBack(
            _("The payer's bank disputes this payment: whoever pays back now pays twice."),
            way_on=_("Answer the dispute on the gateway's own pages."),
        )


def keep_refund(
    payment: Payment,
    *,
    amount_minor: int,
    by: Caller,
    reason: str,
    is_stray: bool = False,
    at: datetime,
) -> Refund:
    """Write down that it was asked for, in the caller's transaction, and have it sent.

    What the house itself pays back, since it could give nothing for it, needs no second person.
    """
    refund = Refund.objects.create(
        payment=payment,
        amount_minor=amount_minor,
        asked_by=by.person,
        reason=reason[:300],
        is_stray=is_stray,
        needs_second=bool(by.person) and needs_two(Money(amount_minor, payment.currency)),
        made_at=at,
    )
    _note("payments.refund_asked", refund, by, at, reason=reason)
    if not refund.needs_second:
        send_soon(refund)
    return refund


def needs_two(amount: Money) -> bool:
    """Whether so much goes back only when a second person says so, too."""
    most: int = value("payments.refund_alone_most")
    unit: int = 10 ** EXPONENTS[amount.currency]
    return amount.minor > most * unit


@transaction.atomic
def approve_refund(*, refund: Refund, by: Caller, at: datetime) -> Refund:
    """Let it go, as the second person.

    :raises NotYours: when ``by`` asked for it
    :raises RefundIsOver: when it waits for nobody any more
    """
    assert by.person
    if by.person.pk == refund.asked_by_id:
        raise NotYours(_("Somebody else of finance has to say so, too."))
    waiting = Refund.objects.filter(
        pk=refund.pk, rank=RefundRank.ASKED, needs_second=True, approved_at=None
    )
    if not waiting.update(approved_by=by.person, approved_at=at):
        raise RefundIsOver(_("This refund waits for nobody any more."))
    refund.refresh_from_db()
    _note("payments.refund_approved", refund, by, at)
    send_soon(refund)
    return refund


@transaction.atomic
def call_off_refund(*, refund: Refund, by: Caller, reason: str, at: datetime) -> Refund:
    """Take back what was asked for, as long as the gateway was not called.

    :raises RefundIsOver: when it was
    """
    waiting = Refund.objects.filter(pk=refund.pk, rank=RefundRank.ASKED, tries=0)
    if not waiting.update(rank=RefundRank.FAILED, why=_("Called off."), ended_at=at):
        raise RefundIsOver(_("The gateway was asked already."))
    refund.refresh_from_db()
    _note("payments.refund_called_off", refund, by, at, reason=reason)
    return refund


def send_soon(refund: Refund, *, after: timedelta = timedelta()) -> None:
    """Have the gateway asked, in the caller's transaction."""
    enqueue(
        "payments.send_refund",
        about=("payment", refund.payment_id),
        delay=after,
        refund_id=refund.pk,
        at=clock.now(),
    )


def send_refund(*, refund: Refund, at: datetime) -> timedelta | None:
    """Have the gateway pay back, outside of any transaction; return when to come again, if so.

    After a call without an answer it is looked up first; what is not found is asked for again
    under the same key, which the gateway pays once.
    """
    if refund.rank != RefundRank.ASKED or refund.waits_for_second:
        return None
    payment, wait = refund.payment, _WAITS[min(refund.tries, len(_WAITS) - 1)]
    resting = health.rests_until(payment.gateway, at=clock.now())
    if resting:
        return resting - clock.now()
    try:
        if refund.tries:
            _look_for(refund, checkout.ask(payment), at=at)
            refund.refresh_from_db()
        return _call(refund, at=at) if refund.rank == RefundRank.ASKED else None
    except (NoAnswer, GatewayGone):
        return wait


def _call(refund: Refund, *, at: datetime) -> timedelta | None:
    payment = refund.payment
    if refund.tries >= MOST_TRIES:
        Payment.objects.filter(pk=payment.pk, needs_look="").update(needs_look="refund")
        return None
    gateway = checkout.gateway_for(payment)
    mine = Refund.objects.filter(pk=refund.pk, rank=RefundRank.ASKED, tries=refund.tries)
    if not mine.update(tries=refund.tries + 1, called_at=at):
        return None  # somebody else calls
    key = refund.pk.hex
    try:
        with checkout.called(payment.gateway):
            fact = gateway.refund(
                checkout.order_of(payment), amount_minor=refund.amount_minor, key=key
            )
    except Declined as said:
        _be_declined(refund, str(said), at=at)
        return None
    _learn(refund, RefundFact(fact.reference, fact.amount_minor, fact.rank, key), at=at)
    return None


def _learn(refund: Refund, fact: RefundFact, *, at: datetime) -> None:
    keep = take_note_of_stray if refund.is_stray else learn_of_refund
    keep(payment=refund.payment, fact=fact, at=at)


def _look_for(refund: Refund, standing: Standing | None, *, at: datetime) -> None:
    if standing is None:
        return
    if not refund.is_stray:
        learn(payment=refund.payment, standing=standing, at=at)
        return
    for fact in standing.refunds:
        if fact.key == refund.pk.hex or (not fact.key and fact.amount_minor == refund.amount_minor):
            _learn(refund, RefundFact(fact.reference, fact.amount_minor, fact.rank), at=at)


def _be_declined(refund: Refund, why: str, *, at: datetime) -> None:
    """Keep that it will not be paid back, and tell who asked for it."""
    fact = RefundFact("", refund.amount_minor, RefundRank.FAILED, refund.pk.hex)
    with transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(why=why[:300])
        _learn(refund, fact, at=at)
        if refund.asked_by:
            notify(
                person=refund.asked_by,
                kind="payments.refund_declined",
                params={"amount": str(Money(refund.amount_minor, refund.payment.currency))},
                url=f"/console/payments/payment/{refund.payment_id}/change/",
                at=clock.now(),
            )


def _note(action: str, refund: Refund, by: Caller, at: datetime, **more: str) -> None:
    amount = Money(refund.amount_minor, refund.payment.currency)
    note(
        action,
        by=by.audience or "system",
        about=("payment", refund.payment_id),
        detail={"refund": str(refund.pk), "amount": str(amount), **more},
        at=at,
    )
