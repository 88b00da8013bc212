"""A copy of somebody's data that can be downloaded, and an end that was called off."""

from datetime import timedelta

from atrium.files import storage
from atrium.kit import clock
from atrium.people.models import Guest, User
from atrium.privacy.models import Erasure, Export
from tests import make


def copied(owner: User | Guest) -> dict[str, str]:
    """Make both for ``owner``, and return what addresses call them."""
    now, by = clock.now(), make.caller(owner)
    with storage.Draft() as draft:
        draft.write(b"PK")
        draft.flush()
        name = storage.keep(draft.path)
    export = Export.objects.create(
        **by.as_owner(),
        asked_by=by.audience,
        state=Export.State.READY,
        storage_name=name,
        size=2,
        asked_at=now,
        ready_at=now,
        expires_at=now + timedelta(days=7),
    )
    erasure = Erasure.objects.create(
        person=by.person,
        guest=by.guest,
        asked_by="system",
        reason="They asked.",
        state=Erasure.State.KEPT,
        asked_at=now,
        due_at=now,
        ended_at=now,
    )
    return {
        "export_id": str(export.pk),
        "privacy.export": str(export.pk),
        "privacy.erasure": str(erasure.pk),
        "privacy.holder": str(owner.pk),
    }
