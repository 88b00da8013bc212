from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from atrium.audit.chain import canonical, coarse, hash_of
from atrium.audit.models import AuditEntry, ChainHead


def note(
    action: str,
    *,
    by: str,
    about: tuple[str, object] | None = None,
    detail: dict[str, Any] | None = None,
    address: str = "",
    at: datetime,
) -> AuditEntry:
    """Write down, in the caller's transaction, that ``by`` did ``action``.

    ``by`` is an audience (``person:…``, ``guest:…``), ``system`` or ``console:<user>``. Secrets do
    not belong in ``detail``. Note last: from here to the commit all who note stand in line.
    """
    kind, which = about or ("", "")
    with transaction.atomic():
        head = _locked_head()
        entry = AuditEntry(
            number=head.length,
            at=at.astimezone(UTC),
            by=by,
            action=action,
            about_kind=kind,
            about_id=str(which),
            address=coarse(address),
            detail_json=canonical(detail or {}),
            prev_hash=head.hash,
        )
        entry.hash = hash_of(entry)
        entry.save(force_insert=True)
        ChainHead.objects.filter(pk=head.pk).update(hash=entry.hash)
    return entry


def _locked_head() -> ChainHead:
    longer = ChainHead.objects.filter(pk=1)
    # The update is the lock (RULES 2): whoever comes second waits here for the first one's commit.
    if not longer.update(length=F("length") + 1):
        ChainHead.objects.bulk_create([ChainHead(pk=1)], ignore_conflicts=True)
        longer.update(length=F("length") + 1)
    return longer.get()
