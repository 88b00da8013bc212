"""Usage added up: by the month of a plan, by day, by model and by room."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from atrium.kit.money import Money
from atrium.metering.deeds import MINUTES, TITLES, Stat, every_deed, room_of
from atrium.metering.models import Receipt, ReceiptQuerySet, UsageLog
from atrium.payments import billing_clock
from atrium.payments.models import Payment
from atrium.payments.states import GIVEN
from atrium.people.caller import Caller
from atrium.plans.queries import period_of

DAYS = 30


@dataclass(frozen=True, slots=True)
class Counted:
    """How much of one thing a month saw."""

    stat: Stat
    count: int

    @property
    def title(self) -> str:
        return str(TITLES[self.stat])


@dataclass(frozen=True, slots=True)
class Month:
    """What the statistics say of somebody's month, which begins on the day that their plan did."""

    began_at: datetime
    ends_at: datetime
    counted: list[Counted]


@dataclass(frozen=True, slots=True)
class Sums:
    """What calls took together. ``worth`` and ``charged`` are micro-credits."""

    calls: int = 0
    tokens: int = 0
    worth: int = 0
    charged: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    sums: Sums


@dataclass(frozen=True, slots=True)
class Portion:
    """The part that one model or one room has in all of it."""

    title: str
    sums: Sums
    days: list[Day]


@dataclass(frozen=True, slots=True)
class Usage:
    """Usage of some days, the last of which is today."""

    sums: Sums
    days: list[Day]
    models: list[Portion]
    rooms: list[Portion]


def month_of(caller: Caller, *, at: datetime) -> Month:
    """Count the caller's month that runs now; which that is, the clock says, and nothing resets."""
    began, ends = period_of(caller, at=at + billing_clock.ahead())
    log = UsageLog.objects.of(caller)
    log = log.filter(counted_at__gte=began, counted_at__lt=ends, success=True)
    done = {
        row["action"]: row["units"]
        for row in log.values("action").annotate(units=Sum("units")).order_by()
    }
    counts = {Stat.GENERATIONS: log.filter(receipt__isnull=False).count()}
    for deed in every_deed():
        if deed.stat and deed.key in done:
            counts[deed.stat] = counts.get(deed.stat, 0) + done[deed.key]
    return Month(began, ends, [Counted(stat, _shown(stat, counts.get(stat, 0))) for stat in Stat])


def _shown(stat: Stat, units: int) -> int:
    return -(-units // 60) if stat in MINUTES else units


def usage(receipts: ReceiptQuerySet, *, at: datetime, days: int = DAYS) -> Usage:
    """Add up the receipts of so many days, by the reader's own calendar."""
    today = timezone.localtime(at).date()
    dates = [today - timedelta(days=ago) for ago in reversed(range(days))]
    since = timezone.make_aware(datetime.combine(dates[0], time.min))
    found = receipts.filter(state=Receipt.State.SETTLED, ended_at__gte=since)
    rows = list(
        found.annotate(day=TruncDate("ended_at"))
        .values("day", "model__title", "about_kind")
        .annotate(**_SUMS)
        .order_by()
    )
    return Usage(
        _added(rows),
        _by_day(rows, dates),
        _portions(rows, dates, lambda row: row["model__title"]),
        _portions(rows, dates, lambda row: room_of(row["about_kind"])),
    )


_SUMS: dict[str, Any] = {
    "calls": Count("id"),
    "all_tokens": Coalesce(Sum(F("tokens_in") + F("tokens_out")), 0),
    "all_worth": Coalesce(Sum("worth"), 0),
    "all_charged": Coalesce(Sum("charged"), 0),
}


def _added(rows: Iterable[dict[str, Any]]) -> Sums:
    rows = list(rows)
    return Sums(
        sum(row["calls"] for row in rows),
        sum(row["all_tokens"] for row in rows),
        sum(row["all_worth"] for row in rows),
        sum(row["all_charged"] for row in rows),
    )


def _by_day(rows: list[dict[str, Any]], dates: list[date]) -> list[Day]:
    return [Day(day, _added(row for row in rows if row["day"] == day)) for day in dates]


def _portions(
    rows: list[dict[str, Any]], dates: list[date], title_of: Callable[[dict[str, Any]], str]
) -> list[Portion]:
    """Return the largest first."""
    parts: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        parts.setdefault(title_of(row), []).append(row)
    found = [Portion(title, _added(part), _by_day(part, dates)) for title, part in parts.items()]
    return sorted(found, key=lambda part: (-part.sums.tokens, part.title))


def money_of_days(*, at: datetime, days: int = DAYS) -> list[Money]:
    """Return what payments brought in so many days, a sum for each currency."""
    rows = Payment.objects.filter(state__in=GIVEN, fulfilled_at__gte=at - timedelta(days=days))
    sums = rows.values("currency").annotate(sum=Sum("amount_minor")).order_by("currency")
    return [Money(row["sum"], row["currency"]) for row in sums if row["sum"]]


def usage_of_today(*, at: datetime) -> int:
    """Return the tokens that everybody used since midnight."""
    midnight = timezone.make_aware(datetime.combine(timezone.localtime(at).date(), time.min))
    found = Receipt.objects.filter(state=Receipt.State.SETTLED, ended_at__gte=midnight)
    return int(found.aggregate(sum=_SUMS["all_tokens"])["sum"])
