from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext as _

from atrium.files import storage
from atrium.files.models import File, Upload, Usage
from atrium.files.queries import SPARE_BYTES, largest_file
from atrium.files.quota import quota_of
from atrium.files.sizes import amount
from atrium.kit.errors import TooLarge, TooMany, Unavailable, Unprocessable
from atrium.kit.limits import LIMITS, MB
from atrium.options.queries import value
from atrium.people.caller import Caller


class FileTooLarge(TooLarge):
    code = "file_too_large"


class QuotaReached(TooLarge):
    code = "quota_reached"


class TooManyFiles(Unprocessable):
    code = "too_many_files"


class UploadsUsedUp(TooMany):
    code = "uploads_used_up"


class DiskFull(Unavailable):
    code = "disk_full"


class GuestsFull(Unavailable):
    """All guests together, or those of one network, keep what the operator gave them."""

    code = "guests_full"


def check_size(size: int) -> None:
    """Refuse one file that is too large for us, or for the disk.

    :raises FileTooLarge: with the limit
    :raises DiskFull: when the database needs what is left
    """
    largest = largest_file()
    if size > largest:
        raise FileTooLarge(
            _("One file may have at most {most}.").format(most=amount(largest)),
            limit=largest,
            used=size,
        )
    if size > storage.free_bytes() - SPARE_BYTES:
        raise DiskFull(_("The disk of this place is full. Please tell who runs it."))


def reserve(*, by: Caller, size: int) -> None:
    """Count ``size`` bytes to what ``by`` keeps, if they fit.

    :raises QuotaReached: when they do not
    :raises GuestsFull: when guests together keep too much
    """
    _check_guests_together(by=by, size=size)
    quota = quota_of(by)
    rows = _own_row(by)
    if not rows.filter(kept_bytes__lte=quota - size).update(kept_bytes=F("kept_bytes") + size):
        raise quota_reached(by=by, size=size)


def check_room(*, by: Caller, size: int) -> None:
    """Refuse early what ``reserve`` would refuse later; it is no promise.

    :raises QuotaReached: when ``size`` bytes more are too many now
    :raises GuestsFull: when guests together keep too much
    """
    _check_guests_together(by=by, size=size)
    if not _own_row(by).filter(kept_bytes__lte=quota_of(by) - size).exists():
        raise quota_reached(by=by, size=size)


def _check_guests_together(*, by: Caller, size: int) -> None:
    # A dropped cookie makes a new guest with a quota of its own: only a bound over all of them
    # keeps the disk. It is looked at and not counted on, so guests at once may pass it a little.
    if by.is_member:
        return
    guests = Usage.objects.filter(owner__startswith="guest:")
    _check_room_of(guests, most=int(value("files.guests_total_mb")) * MB, size=size)
    if by.guest and by.guest.network:
        nearby = guests.filter(network=by.guest.network)
        _check_room_of(nearby, most=int(value("files.guests_network_mb")) * MB, size=size)


def _check_room_of(guests: QuerySet[Usage], *, most: int, size: int) -> None:
    kept = guests.aggregate(kept=Sum("kept_bytes"))["kept"] or 0
    if kept + size > most:
        raise GuestsFull(
            _("There is no more room for files of guests just now."),
            limit=most,
            used=kept,
            way_on=_("Sign up to upload files."),
        )


def check_number(*, by: Caller) -> None:
    """Refuse one file more than anybody looks through, however small they are.

    :raises TooManyFiles: with the limit
    """
    used = File.objects.visible_to(by).count()
    if used >= LIMITS.files_per_person:
        raise TooManyFiles(
            _("You keep {used} files, and more than that nobody may.").format(used=used),
            limit=LIMITS.files_per_person,
            used=used,
            way_on=_("Delete files for good to make room."),
        )


def quota_reached(*, by: Caller, size: int) -> QuotaReached:
    """Return the refusal that says how much is kept, of how much, and what frees room."""
    quota = quota_of(by)
    kept = Usage.objects.filter(owner=by.audience).values_list("kept_bytes", flat=True).first() or 0
    return QuotaReached(
        _("This file has {size}, and {kept} of your {quota} are used.").format(
            size=amount(size), kept=amount(kept), quota=amount(quota)
        ),
        limit=quota,
        used=kept,
        way_on=_("Delete files for good to make room.")
        if by.is_member
        else _("Sign up to keep more, or delete files for good."),
    )


def release(*, owner: str, size: int) -> None:
    """Give back what was counted to ``owner``."""
    Usage.objects.filter(owner=owner).update(kept_bytes=F("kept_bytes") - size)


def count_upload(*, by: Caller, at: datetime) -> None:
    """Count one more upload of a guest today.

    :raises UploadsUsedUp: when there were enough
    """
    if by.is_member:
        return
    most = int(value("files.guest_daily_uploads"))
    rows, today = _own_row(by), at.astimezone(UTC).date()
    rows.exclude(day=today).update(day=today, uploads_that_day=0)
    taken = rows.filter(day=today, uploads_that_day__lt=most).update(
        uploads_that_day=F("uploads_that_day") + 1
    )
    if not taken:
        raise UploadsUsedUp(
            _("As a guest you can upload {most} files a day.").format(most=most),
            limit=most,
            used=most,
            retry_at=datetime.combine(today + timedelta(days=1), time(), UTC),
            way_on=_("Sign up to upload more."),
        )


def recount(*, owner: str) -> Usage:
    """Count anew what ``owner`` keeps: after a guest was claimed, or to be sure."""
    kind, _colon, key = owner.partition(":")
    own: dict[str, str | None] = (
        {"person": key} if kind == "person" else {"guest": key, "person": None}
    )
    files = File.objects.filter(**own, purged_at=None)
    uploads = Upload.objects.filter(**own, file=None, ended_at=None)
    with transaction.atomic():
        row = _row_of(owner)
        # Whoever reserves does it in the transaction of the row that counts, so holding this row
        # first makes the sums that follow see everything.
        row.update(kept_bytes=F("kept_bytes"))
        row.update(kept_bytes=_sum(files, "size") + _sum(uploads, "length"))
        return row.get()


def _sum(rows: QuerySet[Any], column: str) -> int:
    return int(rows.aggregate(total=Sum(column))["total"] or 0)


def _row_of(owner: str, *, network: str = "") -> QuerySet[Usage]:
    rows = Usage.objects.filter(owner=owner)
    if not rows.exists():
        Usage.objects.bulk_create([Usage(owner=owner, network=network)], ignore_conflicts=True)
    return rows


def _own_row(by: Caller) -> QuerySet[Usage]:
    network = by.guest.network if by.guest and not by.is_member else ""
    return _row_of(by.audience, network=network)
