from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id
from atrium.kit.money import EXPONENTS

CREDIT = "CREDIT"  # counted in micro-credits
CHANNEL_CREDIT = "CHANNEL_CREDIT"  # counted in whole ones
ASSETS = frozenset({CREDIT, CHANNEL_CREDIT, *EXPONENTS})
FULLEST = 10**18  # with no leg over 10**15, no sum comes near the end of 64 bits


class AccountQuerySet(models.QuerySet["Account"]):
    def wallet_of(self, holder: str, asset: str = CREDIT) -> Self:
        """The account that ``person:…``, ``guest:…`` or another holder spends from, if opened."""
        return self.filter(holder=holder, asset=asset, purpose=Account.Purpose.WALLET)


class Account(models.Model):
    """A place where one asset rests for one holder.

    ``holder`` names its owner softly (``person:<uuid>``, ``guest:<uuid>``, ``platform``,
    ``platform:<gateway>``), since rooms above the ledger own accounts too. Platform accounts keep
    no running balance: one hot row would cost ten times as much as all the others.

    What is somebody's to spend, and what we earned, is above nothing; what is owed to us (a debt,
    money lying at a gateway), what was given out and what was paid as a fee is below it.
    """

    class Purpose(models.TextChoices):
        WALLET = "wallet", _("To spend")
        HELD = "held", _("Set aside")
        FROZEN = "frozen", _("Frozen while a dispute runs")
        DEBT = "debt", _("Owed")
        REVENUE = "revenue", _("Earned")
        ISSUED = "issued", _("Given out")
        FEES = "fees", _("Fees")
        ROUNDING = "rounding", _("Rounding")
        CLEARING = "clearing", _("At a gateway")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    holder = models.CharField(max_length=64)
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    asset = models.CharField(max_length=16)
    balance = models.BigIntegerField(null=True, blank=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["holder", "purpose", "asset"], name="ledger_one_account_per_use"
            ),
            models.CheckConstraint(
                condition=Q(balance=None)
                | ~Q(purpose="debt") & Q(balance__gte=0)
                | Q(purpose="debt", balance__lte=0),
                name="ledger_balance_not_below_nothing",
            ),
            models.CheckConstraint(
                condition=Q(balance=None) | Q(balance__gte=-FULLEST, balance__lte=FULLEST),
                name="ledger_balance_within_bounds",
            ),
            models.CheckConstraint(
                condition=Q(balance__isnull=False) | Q(holder__startswith="platform"),
                name="ledger_only_the_platform_keeps_no_balance",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} {self.purpose} {self.asset}"


class Entry(models.Model):
    """One balanced movement. Written once, never changed; a mistake gets a new entry."""

    key = models.CharField(max_length=160, unique=True)  # what makes posting it twice harmless
    kind = models.CharField(max_length=40)
    about_kind = models.CharField(max_length=40, blank=True)
    about_id = models.UUIDField(null=True, blank=True)
    posted_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Leg(models.Model):
    """One side of an entry: ``amount`` more (or, negative, less) in ``account``."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="legs")
    # The index below begins with the account: it needs none of its own.
    account = models.ForeignKey(Account, models.PROTECT, related_name="legs", db_index=False)
    amount = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_leg_moves_something"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "entry"], name="ledger_legs_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} in {self.account_id}"


class HoldQuerySet(models.QuerySet["Hold"]):
    def open(self) -> Self:
        return self.filter(state=Hold.State.HELD)

    def overdue(self, *, at: datetime) -> Self:
        """Those that nobody ended by their deadline."""
        return self.open().filter(deadline_at__lt=at)

    def to_ask_about(self, *, at: datetime) -> Self:
        """Those overdue that nobody asked about, or long enough ago; the oldest first."""
        due = Q(ask_after=None) | Q(ask_after__lte=at)
        return self.overdue(at=at).filter(due).order_by("deadline_at")


class Hold(models.Model):
    """An amount set aside before something is called that costs, until it is settled or released.

    ``kind`` names who is asked about it when nobody ended it by its deadline, ``upstream_key`` is
    what the other side knows the call by, and ``price`` are the prices of the moment.
    """

    class State(models.TextChoices):
        HELD = "held", _("Set aside")
        SETTLED = "settled", _("Charged")
        RELEASED = "released", _("Given back")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=120, unique=True)
    holder = models.CharField(max_length=64)
    asset = models.CharField(max_length=16)
    amount = models.BigIntegerField()
    kind = models.CharField(max_length=40, blank=True)
    price = models.JSONField(default=dict, blank=True)
    settled_amount = models.BigIntegerField(null=True, blank=True)
    upstream_key = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.HELD)
    made_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    asked = models.PositiveSmallIntegerField(default=0)  # how often, since its deadline
    ask_after = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="ledger_hold_not_negative"),
            models.CheckConstraint(
                condition=Q(settled_amount=None)
                | Q(settled_amount__gte=0, settled_amount__lte=models.F("amount")),
                name="ledger_settle_within_the_hold",
            ),
            models.CheckConstraint(
                condition=Q(state="held", ended_at=None)
                | ~Q(state="held") & Q(ended_at__isnull=False),
                name="ledger_ended_hold_has_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["deadline_at"], name="ledger_open_holds", condition=Q(state="held")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.asset} {self.state}"


class DisagreementQuerySet(models.QuerySet["Disagreement"]):
    def standing(self) -> Self:
        return self.filter(cleared_at=None)


class Disagreement(models.Model):
    """Something that the books say in two ways; while one stands, nothing is charged."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    thing_kind = models.CharField(max_length=10)  # account, entry or hold
    thing_id = models.CharField(max_length=40)
    said = models.CharField(max_length=300)
    found_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)
    cleared_by = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    objects = DisagreementQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["thing_kind", "thing_id"],
                condition=Q(cleared_at=None),
                name="ledger_a_disagreement_is_found_once",
            ),
            models.CheckConstraint(
                condition=Q(cleared_at=None) | ~Q(cleared_by="") & ~Q(reason=""),
                name="ledger_who_cleared_and_why",
            ),
        ]

    def __str__(self) -> str:
        return self.said


class Checkpoint(models.Model):
    """How far the auditor has come."""

    last_entry = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"up to {self.last_entry}"


class Correction(models.Model):
    """What finance puts right, for a reason: an entry reversed, or credits given.

    ``amount`` is what the holder gets, or (negative) what is taken. Above a limit it waits until a
    second person of finance agrees; below it there is none, and ``decided_by`` stays empty.
    """

    class Kind(models.TextChoices):
        REVERSAL = "reversal", _("An entry reversed")
        ADJUSTMENT = "adjustment", _("Credits given")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for a second person")
        DONE = "done", _("Done")
        DECLINED = "declined", _("Declined")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    entry = models.ForeignKey(
        Entry, models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    holder = models.CharField(max_length=64, db_index=True)
    asset = models.CharField(max_length=16, default=CREDIT)
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=500)
    asked_by = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    posted = models.OneToOneField(
        Entry, models.PROTECT, null=True, blank=True, related_name="correction"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entry"],
                condition=~Q(state="declined"),
                name="ledger_an_entry_is_reversed_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="reversal", entry__isnull=False)
                | Q(kind="adjustment", entry=None),
                name="ledger_a_reversal_has_its_entry",
            ),
            models.CheckConstraint(
                condition=Q(state="declined") | ~Q(decided_by=models.F("asked_by")),
                name="ledger_a_second_person_agrees",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None, posted=None)
                | Q(state="done", decided_at__isnull=False)
                | Q(state="declined", decided_at__isnull=False, posted=None),
                name="ledger_a_correction_ended_once",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_correction_not_nothing"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["asked_at"],
                name="ledger_open_corrections",
                condition=Q(state="waiting"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.amount} {self.asset}"


class Day(models.Model):
    """A day of the books that is closed: whatever is posted later stands in a later one.

    It covers every entry from the one after the day before up to the last that says it was posted
    before the day ended (UTC). ``root`` stands for all of them, and ``head`` for this root and
    every day before; ``branches`` are the roots of each run of entries, to prove one of them by.
    """

    date = models.DateField(primary_key=True)
    first_entry = models.BigIntegerField()
    last_entry = models.BigIntegerField(unique=True)
    entries = models.PositiveBigIntegerField()
    branches = models.BinaryField()
    root = models.CharField(max_length=64)
    before = models.CharField(max_length=64, unique=True, blank=True)
    head = models.CharField(max_length=64, unique=True)
    closed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(entries__gt=0, first_entry__lte=models.F("last_entry")),
                name="ledger_a_closed_day_has_entries",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.head}"
