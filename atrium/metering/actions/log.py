from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from atrium.kit.rows import insert
from atrium.metering.deeds import deed_of_calls
from atrium.metering.models import Receipt, UsageLog
from atrium.options.queries import value
from atrium.payments import billing_clock

FORGOTTEN_AT_ONCE = 2_000
_LINE = {
    "person_id": "uuid",
    "guest_id": "uuid",
    "action": "text",
    "about_kind": "text",
    "about_id": "uuid",
    "receipt_id": "uuid",
    "model_id": "uuid",
    "success": "boolean",
    "units": "bigint",
    "tokens": "bigint",
    "charged": "bigint",
    "at": "timestamptz",
    "counted_at": "timestamptz",
}


def log_use(
    *,
    owner: dict[str, Any],
    action: str,
    success: bool,
    about: tuple[str, UUID] | None = None,
    units: int = 1,
    at: datetime,
) -> UsageLog:
    """Write down what somebody did, or tried to; ``owner`` is as ``Caller.as_owner`` says.

    A room calls it in the transaction that ends the deed, so that it stands once.
    """
    kind, about_id = about or ("", None)
    return UsageLog.objects.create(
        **owner,
        action=action,
        success=success,
        about_kind=kind,
        about_id=about_id,
        units=units,
        at=at,
        counted_at=at + billing_clock.ahead(),
    )


def log_call(receipt: Receipt) -> None:
    """Write down a call that ended just now, as whose it is by now."""
    assert receipt.ended_at is not None
    UsageLog.objects.create(
        person_id=receipt.person_id,
        guest_id=receipt.guest_id,
        action=deed_of_calls(receipt.about_kind).key,
        about_kind=receipt.about_kind,
        about_id=receipt.about_id,
        receipt=receipt,
        model_id=receipt.model_id,
        success=receipt.state == Receipt.State.SETTLED,
        tokens=receipt.tokens,
        charged=receipt.charged,
        at=receipt.ended_at,
        counted_at=receipt.ended_at + billing_clock.ahead(),
    )


def log_calls(ended: Iterable[tuple[Receipt, object, object]]) -> None:
    """Write down calls that ended just now, each with its person and guest as they are by now."""
    ahead = billing_clock.ahead()
    written = [
        (
            *(person, guest, deed_of_calls(one.about_kind).key),
            *(one.about_kind, one.about_id, one.pk, one.model_id),
            *(one.state == Receipt.State.SETTLED, 1, one.tokens, one.charged),
            *(one.ended_at, one.ended_at + ahead),
        )
        for one, person, guest in ended
        if one.ended_at
    ]
    insert("metering_usagelog", written, _LINE)


def forget_old_log(*, at: datetime) -> int:
    """Remove lines that are older than the operator keeps them; receipts stay."""
    before = at - timedelta(days=int(value("metering.keep_log_days")))
    with transaction.atomic():
        old = UsageLog.objects.filter(at__lt=before).order_by("at")
        gone = list(old.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
        UsageLog.objects.filter(pk__in=gone).delete()
    return len(gone)
