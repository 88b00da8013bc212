"""What gateways tell us of themselves: kept first, and followed later by asking."""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.jobs.actions import enqueue
from atrium.kit import clock
from atrium.kit.errors import Conflict, NotFound, Refusal
from atrium.payments import billing_clock, checkout, health
from atrium.payments.gateways.protocol import Delivery, Forged, Hint, NoAnswer
from atrium.payments.gateways.registry import GatewayGone, gateway_of
from atrium.payments.models import Inbox, Payment, WebhookEvent
from atrium.payments.redaction import redacted
from atrium.people.attempts import Bound, count_all
from atrium.people.caller import Caller

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 8
_AT_ONCE = 50
_MOST_HINTS = 20
_LEASE = timedelta(minutes=2)
_WAITS = tuple(timedelta(seconds=seconds) for seconds in (20, 60, 300, 900, 3600, 14_400, 43_200))
_UNKNOWN_TRIES = 3
"""A webhook may overtake our own row's gateway reference; after so many looks it is nobody's."""
_FORGED_FROM_ONE = Bound(20, 3600)
_FORGED_FOR_ONE = Bound(500, 3600)


class NoSuchGateway(NotFound):
    code = "no_such_gateway"


class NotSigned(Refusal):
    """What came is not the gateway's: it is answered, and nothing follows."""

    code = "not_signed"


class NotAgain(Conflict):
    code = "not_again"


def receive(
    *, gateway: str, raw: bytes, headers: Mapping[str, str], address: str, at: datetime
) -> None:
    """Keep what a gateway delivered, once; who it is about is asked at the gateway by a job.

    :raises NoSuchGateway: when none of that name has its keys here
    :raises NotSigned: when the signature does not fit the bytes
    """
    taker = gateway_of(gateway)
    if taker is None:
        raise NoSuchGateway(_("There is no such address."))
    try:
        told = taker.read_webhook(raw, headers)
    except Forged:
        _keep_forged(gateway, raw, address=address, at=at)
        raise NotSigned(_("The signature does not fit what came.")) from None
    hints = _hints(told)
    if _insert(gateway, told.key, kind=told.kind, hints=hints, raw=raw, at=at) and hints:
        ring()


def ring() -> None:
    """Have a job look at what came in; there is one on its way at most.

    The row is kept by now: a job that clears the bell after this looked finds the row.
    """
    if Inbox.objects.filter(pk=1, is_rung=True).exists():
        return
    with transaction.atomic():
        quiet = Inbox.objects.filter(pk=1, is_rung=False)
        if not quiet.update(is_rung=True):
            Inbox.objects.bulk_create([Inbox(pk=1)], ignore_conflicts=True)
            if not quiet.update(is_rung=True):
                return
        enqueue("payments.take_deliveries", at=clock.now())


def take_deliveries(*, at: datetime) -> int:
    """Follow what came in by asking the gateways; return how many were taken."""
    Inbox.objects.filter(pk=1).update(is_rung=False)
    taken = 0
    while batch := [event for event in _due(at)[:_AT_ONCE] if _claim(event, at=at)]:
        _follow(batch, at=at)
        taken += len(batch)
    return taken


def replay(*, event: WebhookEvent, by: Caller, at: datetime) -> WebhookEvent:
    """Follow a delivery once more, now: its payment is asked about at the gateway.

    :raises NotAgain: when it was not signed: nobody may lend it a signature
    """
    if not event.is_signed:
        raise NotAgain(_("It was not signed by the gateway, so nothing can follow from it."))
    with transaction.atomic():
        WebhookEvent.objects.filter(pk=event.pk).update(
            state=WebhookEvent.State.NEW, attempts=0, next_at=None, error="", ended_at=None
        )
        note(
            "payments.webhook_replayed",
            by=by.audience,
            about=("webhookevent", event.pk),
            detail={"gateway": event.gateway, "kind": event.kind},
            at=at,
        )
        ring()
    event.refresh_from_db()
    return event


def forget_deliveries(*, before: datetime) -> int:
    """Delete what ended and came before then; return how many."""
    over = WebhookEvent.objects.filter(received_at__lt=before)
    return over.exclude(state=WebhookEvent.State.NEW).delete()[0]


# Keeping


def _hints(told: Delivery) -> list[dict[str, str]]:
    kept = []
    for hint in told.hints[:_MOST_HINTS]:
        refs = {
            "reference": hint.reference,
            "gateway_ref": hint.gateway_ref,
            "transaction_ref": hint.transaction_ref,
        }
        if named := {name: _line(ref, 190) for name, ref in refs.items() if ref}:
            kept.append(named)
    return kept


def _insert(
    gateway: str,
    key: str,
    *,
    kind: str = "",
    hints: Sequence[Mapping[str, str]] = (),
    raw: bytes,
    is_signed: bool = True,
    at: datetime,
) -> bool:
    """Insert the row in one statement; False when that delivery is known already."""
    states = WebhookEvent.State
    state = states.FORGED if not is_signed else states.NEW if hints else states.IGNORED
    stored = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_webhookevent (gateway, event_key, kind, is_signed, hints,"
            " payload, state, attempts, error, received_at, ended_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, 0, '', %s, %s)"
            " ON CONFLICT (gateway, event_key) DO NOTHING",
            [
                *(gateway, _key(key), _line(kind, 80), is_signed, json.dumps(list(hints))),
                *(redacted(raw), str(state), stored, None if state == states.NEW else stored),
            ],
        )
        return bool(cursor.rowcount)


def _keep_forged(gateway: str, raw: bytes, *, address: str, at: datetime) -> None:
    """Keep it for staff to see, unless so many come that they would fill the table."""
    counts = count_all(
        {f"forged:{address}": _FORGED_FROM_ONE, f"forged:{gateway}": _FORGED_FOR_ONE}, at=at
    )
    if not any(count.is_over for count in counts):
        key = f"forged:{sha256(raw).hexdigest()}"
        _insert(gateway, key, raw=raw, is_signed=False, at=at)


def _key(key: str) -> str:
    clean = _line(key, 1000)
    return clean if 0 < len(clean) <= 190 else sha256(clean.encode()).hexdigest()


def _line(text: str, longest: int) -> str:
    """Return the text as a column takes it, whatever a gateway wrote."""
    clean = str(text).replace("\0", "").encode("utf-8", "replace").decode()
    return clean[:longest]


# Following


def _due(at: datetime) -> QuerySet[WebhookEvent]:
    now = Q(next_at=None) | Q(next_at__lte=at)
    return WebhookEvent.objects.filter(now, state=WebhookEvent.State.NEW).order_by("id")


def _claim(event: WebhookEvent, *, at: datetime) -> bool:
    """Take it for this run; whoever dies with it gives it back by the clock."""
    mine = WebhookEvent.objects.filter(
        pk=event.pk, state=WebhookEvent.State.NEW, attempts=event.attempts
    )
    event.attempts += 1
    return bool(mine.update(attempts=event.attempts, next_at=at + _LEASE))


def _follow(batch: list[WebhookEvent], *, at: datetime) -> None:
    """Ask about each payment once, however many deliveries are about it."""
    said: dict[Any, str] = {}
    for event in batch:
        payments = _payments_of(event)
        if not payments:
            _end_unknown(event, at=at)
            continue
        for payment in payments:
            if payment.pk not in said:
                said[payment.pk] = _ask(payment)
        _end(event, payments, trouble=next(filter(None, map(said.get, _keys(payments))), ""), at=at)


def _ask(payment: Payment) -> str:
    """Ask how it stands, and return what went wrong, if something did."""
    if health.rests_until(payment.gateway, at=clock.now()):
        return _("The gateway did not answer, and is left alone for a while.")
    try:
        checkout.look_up(payment, at=billing_clock.now())
    except NoAnswer:
        return _("The gateway did not answer.")
    except GatewayGone as gone:
        return str(gone.detail)
    except Exception as broken:
        # One that cannot be followed must not stand before all others.
        logger.exception("payment %s could not be looked up", payment.pk)
        return type(broken).__name__
    return ""


def _payments_of(event: WebhookEvent) -> list[Payment]:
    found: dict[Any, Payment] = {}
    for told in event.hints:
        hint = Hint(**told)
        ours = Payment.objects.filter(gateway=event.gateway)
        one = (
            (hint.reference and ours.referred_to_as(hint.reference).first())
            or (hint.gateway_ref and ours.filter(gateway_ref=hint.gateway_ref).first())
            or (hint.transaction_ref and ours.filter(transaction_ref=hint.transaction_ref).first())
        )
        if one:
            found[one.pk] = one
    return list(found.values())


def _keys(payments: list[Payment]) -> list[Any]:
    return [payment.pk for payment in payments]


def _end_unknown(event: WebhookEvent, *, at: datetime) -> None:
    said = _("There is no payment of this reference here.")
    if event.attempts < _UNKNOWN_TRIES:
        _wait(event, said, at=at)
    else:
        _finish(event, WebhookEvent.State.IGNORED, said, at=at)


def _end(event: WebhookEvent, payments: list[Payment], *, trouble: str, at: datetime) -> None:
    event.payment = payments[0]
    if not trouble:
        _finish(event, WebhookEvent.State.DONE, "", at=at)
    elif event.attempts < MOST_ATTEMPTS:
        _wait(event, trouble, at=at)
    else:
        _finish(event, WebhookEvent.State.FAILED, trouble, at=at)


def _wait(event: WebhookEvent, said: str, *, at: datetime) -> None:
    event.error, event.next_at = said[:300], at + _WAITS[event.attempts - 1]
    event.save(update_fields=["payment", "error", "next_at"])


def _finish(event: WebhookEvent, state: WebhookEvent.State, said: str, *, at: datetime) -> None:
    event.state, event.error, event.ended_at, event.next_at = state, said[:300], at, None
    event.save(update_fields=["payment", "state", "error", "ended_at", "next_at"])
