from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import Count

from atrium.files import holders, storage
from atrium.files.actions.files import purge_file
from atrium.files.actions.uploads import end_upload
from atrium.files.models import File, Upload
from atrium.notifications.actions import notify
from atrium.options.queries import value

# Younger bytes without a row may be just about to get one.
_GRACE = timedelta(days=1)
_WARNED_BEFORE = timedelta(days=3)
_AT_ONCE = 500


def purge_deleted(*, at: datetime) -> int:
    """Purge what lay in the trash long enough; return how many files."""
    before = at - timedelta(days=int(value("files.trash_days")))
    old = File.objects.in_trash().filter(deleted_at__lte=before).order_by("deleted_at")
    return sum(purge_file(file=file, at=at) for file in old[:_AT_ONCE])


def end_expired_uploads(*, at: datetime) -> int:
    """Give up uploads that nobody went on with; return how many."""
    expired = Upload.objects.expired(at=at).order_by("expires_at")
    return sum(end_upload(upload=upload, at=at) for upload in expired[:_AT_ONCE])


def sweep(*, at: datetime) -> int:
    """Remove bytes that no row names any more; return how many files of them."""
    count = 0
    for names in _bunches(_old_kept(at=at)):
        known = holders.known(names)
        for name in names:
            if name not in known:
                storage.drop(name)
                count += 1
    for names in _bunches(_old_drafts(at=at)):
        open_ = Upload.objects.filter(draft_name__in=names, ended_at=None, file=None)
        known = set(open_.values_list("draft_name", flat=True)) | holders.known_drafts(names)
        for name in names:
            if name not in known:
                storage.draft_path(name).unlink(missing_ok=True)
                count += 1
    return count


def warn_before_purging(*, at: datetime) -> int:
    """Tell people what will leave their trash in three days; asked once a day."""
    until = at - timedelta(days=int(value("files.trash_days"))) + _WARNED_BEFORE
    files = File.objects.in_trash().filter(
        deleted_at__gt=until - timedelta(days=1), deleted_at__lte=until, person__isnull=False
    )
    owners = files.values("person").annotate(count=Count("pk")).order_by("person")
    for row in owners:
        first = files.filter(person=row["person"]).select_related("person").earliest("deleted_at")
        notify(
            person=first.person,
            kind="files.removed_soon",
            params={
                "count": row["count"],
                "name": first.name,
                "day": (at + _WARNED_BEFORE).date().isoformat(),
            },
            url="/files?trash=1",
            at=at,
        )
    return len(owners)


def _old_kept(*, at: datetime) -> Iterator[str]:
    for name in storage.every_name():
        if storage.is_older(storage.path_of(name), than=_GRACE, at=at):
            yield name


def _old_drafts(*, at: datetime) -> Iterator[str]:
    for path in storage.drafts().iterdir():
        if storage.is_draft_name(path.name) and storage.is_older(path, than=_GRACE, at=at):
            yield path.name


def _bunches(names: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(names)
    while bunch := list(islice(rest, _AT_ONCE)):
        yield bunch
