from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from atrium.files.parcels import Parcel
from atrium.files.storage import path_of
from atrium.kit.errors import Gone, NotFound
from atrium.people.belongings import Belonging, Part, every_part
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.privacy.models import Erasure, Export, ExportQuerySet

SHOWN = 20


class NoSuchExport(NotFound):
    code = "no_such_export"


class ExportGone(Gone):
    """The copy has expired, or was never made."""

    code = "export_gone"


def exports_of(caller: Caller) -> ExportQuerySet:
    """The copies made of the caller's data, by themselves and by staff, the newest first."""
    found: ExportQuerySet = Export.objects.visible_to(caller)
    return found.newest_first()


def export_of(caller: Caller, export_id: UUID) -> Export:
    """Return a copy that the caller asked for, of their own data or for a reason of the house.

    :raises NoSuchExport: when there is none
    """
    mine = Export.objects.visible_to(caller).by_the_owner().filter(pk=export_id).first()
    found: Export | None = mine or _behind_glass(caller, export_id)
    if found is None:
        raise NoSuchExport(_("There is no such copy."))
    return found


def parcel_of(export: Export, *, at: datetime) -> Parcel:
    """Return the zip, ready to be sent.

    :raises ExportGone: when it has expired, or was never made
    """
    ready = export.state == Export.State.READY and export.expires_at and export.expires_at > at
    path = path_of(export.storage_name) if ready else None
    if path is None or not path.exists():
        raise ExportGone(_("This copy is not there any more."), way_on=_("Ask for a new one."))
    return Parcel(
        path=path,
        size=export.size,
        kind="application/zip",
        name=f"atrium-{export.asked_at:%Y-%m-%d}.zip",
        etag=export.sha256[:32],
        made_at=export.ready_at or export.asked_at,
        is_inline=False,
    )


def erasure_of(person: User) -> Erasure | None:
    """The erasure that the person waits for, if they asked for one."""
    return Erasure.objects.standing().filter(person=person).first()


def published() -> list[tuple[Part, tuple[Belonging, ...]]]:
    """What becomes of everything, room by room, as anybody may read it."""
    rooms = sorted(every_part(), key=lambda part: -part.order)
    return [(part, part.belongings[::-1]) for part in rooms]


def _behind_glass(caller: Caller, export_id: UUID) -> Export | None:
    if not caller.is_admin or caller.key:
        return None
    broken = Export.objects.filter(asked_by=caller.audience).exclude(reason="")
    return broken.filter(pk=export_id).first()
