"""What somebody reads of the books: a line for each time that more or less became theirs.

What is theirs is the sum of their accounts: to spend, set aside, frozen, less what they owe. To set
something aside changes nothing of it, as with a bank: a call is one line, once it is charged. The
lines of a guest are part of the statement of who claimed them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from atrium.kit.errors import Unprocessable
from atrium.kit.paging import Page, page_of, place_of
from atrium.ledger import telling
from atrium.ledger.models import CREDIT, Account, Entry, Hold, Leg
from atrium.ledger.telling import About, Kind, Told
from atrium.people.belongings import Whose
from atrium.people.caller import Caller
from atrium.people.zones import zones

_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
_NEWEST_FIRST = ("-entry_id",)
AT_ONCE = 500
_LEGS_A_LINE = 2  # of one account: set aside, and given back what was too much
_LONGER = 8


class BadFilter(Unprocessable):
    """A statement was asked for in a way that says nothing, such as the 31st of February."""

    code = "bad_filter"


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which lines are wanted: of one kind, from one moment on, before another."""

    kind: str = ""
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """``amount`` is how much more (or, negative, less) is theirs; ``balance`` is theirs after it.

    ``moved`` is how much changed its place where nothing more or less is theirs.
    """

    number: int
    at: datetime
    kind: Kind
    about: About | None
    told: Told
    amount: int
    balance: int
    moved: int = 0

    @property
    def title(self) -> str:
        return self.told.title or str(self.kind.title)


@dataclass(frozen=True, slots=True)
class Balance:
    """What is somebody's of one asset, and where it lies; ``owed`` is above nothing."""

    asset: str
    to_spend: int = 0
    set_aside: int = 0
    frozen: int = 0
    owed: int = 0

    @property
    def in_all(self) -> int:
        return self.to_spend + self.set_aside + self.frozen - self.owed


def sieve_of(caller: Caller, *, kind: str = "", since: str = "", until: str = "") -> Sieve:
    """Read what somebody filters by: days of their own calendar, both included.

    :raises BadFilter: field by field, with what would be right
    """
    wrong: dict[str, str] = {}
    if kind and not telling.is_of_lines(kind):
        wrong["kind"] = _("There are no lines of this kind.")
    first, last = _day(since), _day(until)
    for name, text, day in (("since", since, first), ("until", until, last)):
        if text and not day:
            wrong[name] = _("Write the day as year, month and day, such as 2026-11-21.")
    if first and last and last < first:
        wrong["until"] = _("The last day lies before the first.")
    if wrong:
        raise BadFilter(_("The statement cannot be filtered like that."), fields=wrong)
    zone = _zone_of(caller)
    return Sieve(
        kind,
        _midnight(first, zone) if first else None,
        _midnight(last + timedelta(days=1), zone) if last else None,
    )


def page_of_lines(
    caller: Caller, sieve: Sieve, *, after: str | None, size: int, asset: str = CREDIT
) -> Page[Line]:
    """Return a page of the caller's statement, the newest line first."""
    accounts = _accounts_of(caller, asset)
    upper = place_of(after, order=_NEWEST_FIRST)[0] if after else None
    page = Page[dict[str, Any]]([], None)
    for rows in _stretches(accounts, sieve, upper, most=size):
        page = page_of(rows, after=after, size=size, order=_NEWEST_FIRST)
        if page.next:
            break
    return Page(_lines(page.items, accounts, caller), page.next)


def every_line(caller: Caller, sieve: Sieve, *, asset: str = CREDIT) -> Iterator[list[Line]]:
    """Return the whole statement, some lines at a time."""
    accounts, upper = _accounts_of(caller, asset), None
    while found := _next_rows(accounts, sieve, upper.number if upper else None):
        lines = _lines(found, accounts, caller, upper=upper)
        yield lines
        upper = lines[-1]


def line_count(caller: Caller, sieve: Sieve, *, asset: str = CREDIT) -> int:
    return _rows(_accounts_of(caller, asset), sieve).count()


def balances_of(caller: Caller) -> list[Balance]:
    """Return what is the caller's of each asset; credits always, and first."""
    found: dict[str, dict[str, int]] = {CREDIT: {}}
    theirs = Account.objects.filter(holder__in=audiences_of(caller))
    for account in theirs.order_by("asset", "purpose"):
        sums = found.setdefault(account.asset, {})
        sums[account.purpose] = sums.get(account.purpose, 0) + (account.balance or 0)
    return [
        Balance(
            asset,
            sums.get(Account.Purpose.WALLET, 0),
            sums.get(Account.Purpose.HELD, 0),
            sums.get(Account.Purpose.FROZEN, 0),
            -sums.get(Account.Purpose.DEBT, 0),
        )
        for asset, sums in found.items()
    ]


def under_way(caller: Caller, *, asset: str = CREDIT, most: int = 20) -> list[tuple[Hold, Told]]:
    """Return what is set aside now, and for what; the newest first."""
    mine = Hold.objects.filter(holder__in=audiences_of(caller), asset=asset, amount__gt=0)
    holds = list(mine.filter(state=Hold.State.HELD).order_by("-made_at", "-id")[:most])
    told = telling.told_of([("hold", held.pk) for held in holds], caller=caller)
    return [(held, told["hold", held.pk]) for held in holds]


def is_theirs(caller: Caller, entry: Entry) -> bool:
    """Whether the entry moved something of the caller's."""
    return Leg.objects.filter(entry=entry, account__holder__in=audiences_of(caller)).exists()


def audiences_of(caller: Caller) -> list[str]:
    if caller.is_nobody:
        return []
    return Whose(caller.person, None if caller.person else caller.guest).audiences


def _accounts_of(caller: Caller, asset: str) -> list[UUID]:
    theirs = Account.objects.filter(holder__in=audiences_of(caller), asset=asset)
    return list(theirs.values_list("pk", flat=True))


def _next_rows(accounts: Sequence[UUID], sieve: Sieve, upper: int | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for rows in _stretches(accounts, sieve, upper, most=AT_ONCE):
        below = rows.filter(entry_id__lt=upper) if upper else rows
        found = list(below.order_by(*_NEWEST_FIRST)[:AT_ONCE])
        if len(found) == AT_ONCE:
            break
    return found


def _stretches(
    accounts: Sequence[UUID], sieve: Sieve, upper: int | None, *, most: int
) -> Iterator["QuerySet[Leg, dict[str, Any]]"]:
    """Return the rows of an ever longer stretch below ``upper``, at last all there are.

    Whoever has a long statement mostly looks at its beginning, which costs as much as it shows.
    """
    room = (most + 1) * _LEGS_A_LINE
    while (low := _reached(accounts, upper, room)) is not None:
        yield _rows(accounts, sieve).filter(entry_id__gte=low)
        room *= _LONGER
    yield _rows(accounts, sieve)


def _reached(accounts: Sequence[UUID], upper: int | None, room: int) -> int | None:
    """Return an entry down to which no account has more than ``room`` legs; None past the last."""
    found: list[int] = []
    for account in accounts:
        legs = Leg.objects.filter(account=account)
        below = legs.filter(entry_id__lt=upper) if upper else legs
        newest = below.order_by("-entry_id").values_list("entry_id", flat=True)
        found += newest[room - 1 : room]
    return max(found, default=None)


def _rows(accounts: Sequence[UUID], sieve: Sieve) -> "QuerySet[Leg, dict[str, Any]]":
    """Return an entry a row, with what it changed of all that is theirs."""
    legs = Leg.objects.filter(account__in=accounts)
    if sieve.kind:
        legs = legs.filter(entry__kind=sieve.kind)
    if sieve.since:
        legs = legs.filter(entry__posted_at__gte=sieve.since)
    if sieve.before:
        legs = legs.filter(entry__posted_at__lt=sieve.before)
    always = [kind.key for kind in telling.every_kind() if kind.always]
    rows: QuerySet[Leg, dict[str, Any]] = (
        legs.values("entry_id", *(f"entry__{name}" for name in _TOLD))
        .annotate(net=Sum("amount"), into=Sum("amount", filter=Q(amount__gt=0)))
        .filter(~Q(net=0) | Q(entry__kind__in=always))
    )
    return rows


_TOLD = ("kind", "posted_at", "about_kind", "about_id")


def _lines(
    rows: Sequence[Mapping[str, Any]],
    accounts: Sequence[UUID],
    caller: Caller,
    *,
    upper: Line | None = None,
) -> list[Line]:
    abouts = [_about(row) for row in rows]
    told = telling.told_of({about for about in abouts if about}, caller=caller)
    balances = _balances(accounts, [row["entry_id"] for row in rows], upper=upper)
    return [
        Line(
            number=row["entry_id"],
            at=row["entry__posted_at"],
            kind=telling.kind_of(row["entry__kind"]),
            about=about,
            told=told[about] if about else Told(),
            amount=row["net"],
            balance=balances[row["entry_id"]],
            moved=0 if row["net"] else row["into"],
        )
        for row, about in zip(rows, abouts, strict=True)
    ]


def _about(row: Mapping[str, Any]) -> About | None:
    kind, key = row["entry__about_kind"], row["entry__about_id"]
    return (kind, key) if kind and key else None


# What is theirs now, less what came since: the sum and the rows it is taken from are read in one
# statement, so that no entry falls between them. Below a line whose balance is known, it goes on
# from there, and a long statement is read once and not once a page.
_BALANCES = """
SELECT entry_id, balance FROM (
    SELECT entry_id,
        {start} - SUM(SUM(amount)) OVER (ORDER BY entry_id DESC) + SUM(amount) AS balance
    FROM ledger_leg
    WHERE account_id IN ({accounts}) AND entry_id >= %s {below}
    GROUP BY entry_id
) AS line WHERE entry_id IN ({numbers})
"""
_NOW = "(SELECT COALESCE(SUM(balance), 0) FROM ledger_account WHERE id IN ({accounts}))"


def _balances(
    accounts: Sequence[UUID], numbers: Sequence[int], *, upper: Line | None
) -> dict[int, int]:
    """Return what was theirs after each of these entries."""
    if not numbers:
        return {}
    field = Account._meta.pk  # noqa: SLF001
    keys = [field.get_db_prep_value(account, connection) for account in accounts]
    marks = {"accounts": _marks(keys), "numbers": _marks(numbers)}
    if upper:
        start, begun = "CAST(%s AS bigint)", [upper.balance - upper.amount]
        below, end = "AND entry_id < %s", [upper.number]
    else:
        start, begun, below, end = _NOW.format(**marks), list(keys), "", []
    statement = _BALANCES.format(start=start, below=below, **marks)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*begun, *keys, min(numbers), *end, *numbers])
        return {number: int(balance) for number, balance in cursor.fetchall()}


def _marks(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, zone)


def _zone_of(caller: Caller) -> tzinfo:
    named = caller.person.time_zone if caller.person else ""
    return ZoneInfo(named) if named in zones() else timezone.get_default_timezone()


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text.strip(" "))
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None
