"""What of files comes along with a claim."""

from uuid import UUID

from django.db.models import Q
from django.utils.translation import ngettext

from atrium.files.models import File, Upload
from atrium.people.comes_along import Identities, keep, tell_of


def _words(count: int) -> str:
    return ngettext("{count} file", "{count} files", count).format(count=count)


def _of_their_files(person_id: UUID) -> Identities:
    return Upload.objects.filter(file__person=person_id).values("pk")


tell_of(File, _words, shown=Q(deleted_at=None, purged_at=None))
keep(Upload, _of_their_files)
