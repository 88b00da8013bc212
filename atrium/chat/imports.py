"""What somebody brought from other places, and how far it is."""

from uuid import UUID

from atrium.chat.models import Import
from atrium.people.models import User

SHOWN = 20


def latest_of(person: User) -> list[Import]:
    """The person's last imports, the newest first."""
    mine = Import.objects.filter(person=person).order_by("-begun_at", "-id")
    return list(mine[:SHOWN])


def import_of(person: User, import_id: UUID) -> Import | None:
    return Import.objects.filter(person=person, pk=import_id).first()
