"""Closing the days of the books, one after the other and none twice."""

from datetime import UTC, date, datetime, time, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Min

from atrium.ledger.days import branches_of, entries_between, head_of
from atrium.ledger.models import Day, Entry
from atrium.ledger.tree import root_of

_PATIENCE = "3s"


def close_next_day(*, at: datetime) -> Day | None:
    """Close the next day that is over and has entries; None when there is none.

    What comes late, or says that it was posted before, stands in the day that is open then.
    """
    last = Day.objects.order_by("date").last()
    first = last.last_entry + 1 if last else 1
    today = at.astimezone(UTC).date()
    begun = Entry.objects.filter(pk__gte=first, posted_at__lt=_midnight(today))
    oldest = begun.aggregate(oldest=Min("posted_at"))["oldest"]
    if oldest is None:
        return None
    day = oldest.astimezone(UTC).date()
    if last:
        day = max(day, last.date + timedelta(days=1))
    top = _last_entry_of(day, first) if day < today else None
    if top is None:
        return None
    return _close(day, first, top, before=last.head if last else "", at=at)


def _last_entry_of(day: date, first: int) -> int | None:
    """Return the last entry that says it was posted by the end of the day.

    Entries get their numbers before they are there for others to see. While nobody writes, every
    number up to the last is either there or will never be: so what is read then stays true.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
                cursor.execute("LOCK TABLE ledger_entry IN SHARE MODE")
        over = _midnight(day + timedelta(days=1))
        entries = Entry.objects.filter(pk__gte=first, posted_at__lt=over)
        number: int | None = entries.aggregate(last=Max("pk"))["last"]
        return number


def _close(day: date, first: int, top: int, *, before: str, at: datetime) -> Day | None:
    (count, first), branches = branches_of(entries_between(first, top))
    root = root_of(branches).hex()
    closed = Day(
        date=day,
        first_entry=first,
        last_entry=top,
        entries=count,
        branches=b"".join(branches),
        root=root,
        before=before,
        head=head_of(before, str(day), root),
        closed_at=at,
    )
    try:
        with transaction.atomic():
            closed.save(force_insert=True)
    except IntegrityError:
        return Day.objects.filter(date=day).first()  # another worker was faster
    return closed


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
