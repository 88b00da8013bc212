"""Finding out by asking what no webhook told: every payment that is not final, and then seldom."""

import logging
from datetime import datetime, timedelta
from typing import cast

from django.db.models import F
from django.utils.translation import gettext as _

from atrium.jobs.actions import enqueue
from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.options.queries import value
from atrium.payments import checkout, health
from atrium.payments.gateways.protocol import NoAnswer, Standing
from atrium.payments.gateways.registry import GatewayGone
from atrium.payments.learning import learn, learn_progress
from atrium.payments.looking import LONGEST_UNDER_WAY, PATIENCE, next_look
from atrium.payments.models import Payment
from atrium.payments.states import OPEN, Progress, State

logger = logging.getLogger(__name__)

_AT_ONCE = 200
_LEASE = timedelta(minutes=5)
_NOT_OFTENER_THAN = 3  # seconds


def open_for() -> timedelta:
    """Return how long a payment may stay unpaid before it is given up."""
    return timedelta(hours=value("payments.open_hours"))


def hint(*, payment: Payment, at: datetime) -> None:
    """Have it looked up soon: somebody came back from the gateway, or says that it was paid."""
    moment = int(at.timestamp()) // _NOT_OFTENER_THAN
    enqueue(
        "payments.look_up",
        about=("payment", payment.pk),
        key=f"payments.look_up:{payment.pk}:{moment}",
        payment_id=payment.pk,
        at=clock.now(),
    )


def come_back(*, gateway: str, reference: str, at: datetime) -> Payment:
    """Have the payment looked up whose payer comes back from the gateway, and return it.

    :raises NotFound: when there is none of this reference
    """
    payment = Payment.objects.filter(gateway=gateway).referred_to_as(reference).first()
    if payment is None:
        raise NotFound(_("There is no such payment."))
    hint(payment=payment, at=at)
    return cast(Payment, payment)


def look_at_due(*, at: datetime) -> int:
    """Look up the payments whose time has come; return how many were asked about."""
    due = Payment.objects.filter(look_next_at__lte=at).order_by("look_next_at")
    asked, resting = 0, set()
    for payment in due[:_AT_ONCE]:
        if payment.gateway in resting:
            continue
        until = health.rests_until(payment.gateway, at=clock.now())
        if until:
            resting.add(payment.gateway)
            _put_off(payment.gateway, by=until - clock.now(), at=at)
        elif _claim(payment, at=at):
            asked += 1
            _look_safely(payment, at=at)
    return asked


def look_at(*, payment: Payment, at: datetime) -> Payment:
    """Ask how one stands, learn from it, and give it up when it stayed unpaid too long.

    :raises NoAnswer: when the gateway is down; the payment stays as it is
    """
    if not payment.gateway:
        return payment
    if payment.begun_at is None:
        return _end_unbegun(payment, at=at)
    standing = checkout.ask(payment)
    if standing is not None:
        payment = learn(payment=payment, standing=standing, at=at)
    payment = _aged(payment, standing, at=at)
    gives_up_at = _since(payment) + open_for() if payment.state in OPEN else None
    return checkout.looked(payment, at=at, latest=gives_up_at)


def next_due(after: datetime) -> datetime | None:
    """Return when the next payment is to be looked up."""
    later = Payment.objects.filter(look_next_at__gt=after).order_by("look_next_at")
    return later.values_list("look_next_at", flat=True).first()


def _claim(payment: Payment, *, at: datetime) -> bool:
    """Of two who would ask, one does; who dies with it gives it back by the clock."""
    mine = Payment.objects.filter(pk=payment.pk, look_next_at=payment.look_next_at)
    return bool(mine.update(look_next_at=at + _LEASE))


def _put_off(slug: str, *, by: timedelta, at: datetime) -> None:
    Payment.objects.filter(gateway=slug, look_next_at__lte=at + by).update(look_next_at=at + by)


def _look_safely(payment: Payment, *, at: datetime) -> None:
    try:
        look_at(payment=payment, at=at)
    except (NoAnswer, GatewayGone):
        Payment.objects.filter(pk=payment.pk).update(
            looks=F("looks") + 1, look_next_at=next_look(payment, at=at)
        )
    except Exception:
        # One that cannot be followed must not stand before all others.
        logger.exception("payment %s could not be looked up", payment.pk)


def _end_unbegun(payment: Payment, *, at: datetime) -> Payment:
    """Give up what nobody ever went to the gateway for: there is nothing to ask."""
    if payment.state == State.PENDING and at >= payment.opened_at + open_for():
        payment = learn_progress(payment=payment, progress=Progress.CANCELLED, at=at)
    again = payment.opened_at + open_for() if payment.state == State.PENDING else None
    Payment.objects.filter(pk=payment.pk, begun_at=None).update(look_next_at=again)
    return payment


def _since(payment: Payment) -> datetime:
    return max(payment.begun_at or payment.opened_at, payment.opened_at)


def _aged(payment: Payment, standing: Standing | None, *, at: datetime) -> Payment:
    waited = at - _since(payment)
    too_long = waited >= open_for()
    if payment.state == State.UNKNOWN and (waited > PATIENCE if standing is None else too_long):
        why = _("No money was taken.")
        return learn_progress(payment=payment, progress=Progress.FAILED, why=why, at=at)
    if payment.state == State.PENDING and too_long and not payment.needs_look:
        why = _("It was not paid in time.")
        return learn_progress(payment=payment, progress=Progress.CANCELLED, why=why, at=at)
    if payment.state == State.PROCESSING and waited > LONGEST_UNDER_WAY and not payment.judged_at:
        Payment.objects.filter(pk=payment.pk, needs_look="").update(needs_look="under way")
    return payment
