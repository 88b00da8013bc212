"""What of sources stays, at an undone claim, with who built on it."""

from uuid import UUID

from atrium.files.models import File
from atrium.people.comes_along import Identities, keep
from atrium.sources.models import Collection, Document


def _added_to(person_id: UUID) -> Identities:
    own = Document.objects.filter(person=person_id, guest=None, collection__isnull=False)
    return own.values("collection")


def _in_their_collections(person_id: UUID) -> Identities:
    return Document.objects.filter(collection__person=person_id).values("pk")


def _read_by_them(person_id: UUID) -> Identities:
    return Document.objects.filter(person=person_id).values("file")


keep(Collection, _added_to)
keep(Document, _in_their_collections)
keep(File, _read_by_them)
