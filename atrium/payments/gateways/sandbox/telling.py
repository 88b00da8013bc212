"""The Sandbox's webhooks: signed bytes, sent over HTTP to the merchant's address by a job.

They go through the same door as everybody's, and never past it: where our own address cannot be
reached, a delivery is lost after some tries, as it would be with any gateway, and the reconciler
finds out by asking.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F

from atrium.jobs.actions import enqueue
from atrium.jobs.registry import Run, job
from atrium.kit import clock
from atrium.kit.http import Door, FetchFailed, fetch_now
from atrium.kit.ids import new_id
from atrium.kit.secrets import keys_for
from atrium.payments.models import SandboxDelivery, SandboxOrder

HEADER = "Sandbox-Signature"
_TOLERANCE = timedelta(minutes=5)
_WAITS = (timedelta(seconds=2), timedelta(seconds=15), timedelta(minutes=1))
_HELD = timedelta(seconds=10)


def tell(order: SandboxOrder, *kinds: str, at: datetime) -> None:
    """Write down what is to be sent, in the caller's transaction, and have it sent."""
    for kind in kinds:
        write_down(order, kind, at=at)
    if order.tells == SandboxOrder.Telling.LOST:
        order.deliveries.filter(state=SandboxDelivery.State.WAITING).update(
            state=SandboxDelivery.State.LOST, ended_at=at
        )
        return
    send_soon(order, after=_HELD if _is_shuffled(order) else timedelta(), at=at)


def write_down(
    order: SandboxOrder,
    kind: str,
    *,
    signature: SandboxDelivery.Signature = SandboxDelivery.Signature.OURS,
    instead: Mapping[str, object] | None = None,
    at: datetime,
) -> SandboxDelivery:
    """Keep one delivery to be sent; ``instead`` replaces what its body truly says."""
    event = f"se_{new_id().hex}"
    told = {
        "id": event,
        "type": kind,
        "order": order.ref,
        "reference": order.reference,
        "merchant": order.merchant,
        "payer": order.payer,
        "amount_minor": order.amount_minor,
        "currency": order.currency,
        "state": order.state,
        **order.lies,
        **(instead or {}),
    }
    return order.deliveries.create(
        event=event, kind=kind, body=json.dumps(told), signature=signature, made_at=at
    )


def send_soon(order: SandboxOrder, *, after: timedelta = timedelta(), at: datetime) -> None:
    """Have what waits be sent."""
    enqueue("payments.sandbox_send", delay=after, order=order.pk, at=at)


def sign(body: bytes, *, key: bytes, at: datetime) -> str:
    """Return the header that goes with these bytes."""
    moment = str(int(at.timestamp()))
    return f"t={moment},v1={_mac(body, moment, key)}"


def is_ours(body: bytes, header: str, *, at: datetime) -> bool:
    """Whether one of our keys signed exactly these bytes, minutes ago at most."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    moment, given = parts.get("t", ""), parts.get("v1", "")
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 12):
        return False
    fits = [
        hmac.compare_digest(_mac(body, moment, key).encode(), given.encode("utf-8", "replace"))
        for key in _keys()
    ]
    return any(fits) and abs(at.timestamp() - int(moment)) <= _TOLERANCE.total_seconds()


@job("payments.sandbox_send", long=True, seconds=120)
def send(run: Run, *, order: UUID) -> None:
    """Send what waits of an order, in order or newest first, each once or twice."""
    if not settings.SANDBOX:
        return
    found = SandboxOrder.objects.get(pk=order)
    waiting = found.deliveries.filter(state=SandboxDelivery.State.WAITING)
    times = 2 if found.tells == SandboxOrder.Telling.DOUBLED else 1
    for delivery in waiting.order_by("-pk" if _is_shuffled(found) else "pk"):
        run.check_cancelled()
        mine = waiting.filter(pk=delivery.pk, tries=delivery.tries).update(tries=F("tries") + 1)
        if not mine:
            continue  # another job sends it
        answer = [_post(delivery, to=found.webhook_url) for _time in range(times)][-1]
        with run.writing():
            _keep_answer(delivery, found, answer)


def _post(delivery: SandboxDelivery, *, to: str) -> str:
    """Return the status that came back, or in a word why none did."""
    body = delivery.body.encode()
    headers = {"Content-Type": "application/json"}
    if delivery.signature != SandboxDelivery.Signature.MISSING:
        is_forged = delivery.signature == SandboxDelivery.Signature.FORGED
        key = b"somebody else's" if is_forged else _keys()[0]
        headers[HEADER] = sign(body, key=key, at=clock.now())
    try:
        answer = fetch_now(
            to, door=Door.OPERATOR, method="POST", headers=headers, body=body, seconds=10
        )
    except FetchFailed as trouble:
        return trouble.why
    return str(answer.status)


def _keep_answer(delivery: SandboxDelivery, order: SandboxOrder, answer: str) -> None:
    now, states = clock.now(), SandboxDelivery.State
    known = {"2": states.DELIVERED, "4": states.REFUSED}
    state = known.get(answer[:1], states.WAITING)
    if state == states.WAITING:
        if delivery.tries < len(_WAITS):
            send_soon(order, after=_WAITS[delivery.tries], at=now)
        else:
            state = states.GIVEN_UP
    SandboxDelivery.objects.filter(pk=delivery.pk).update(
        state=state,
        answer=answer[:80],
        ended_at=None if state == states.WAITING else now,
    )


def _is_shuffled(order: SandboxOrder) -> bool:
    return order.tells == SandboxOrder.Telling.SHUFFLED


def _keys() -> list[bytes]:
    return list(keys_for("sandbox webhooks").values())


def _mac(body: bytes, moment: str, key: bytes) -> str:
    return hmac.new(key, moment.encode() + b"." + body, hashlib.sha256).hexdigest()
