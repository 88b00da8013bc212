from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id

CREDIT = "CREDIT"  # counted in micro-credits


class AccountQuerySet(models.QuerySet["Account"]):
    def wallet_of(self, holder: str, asset: str = CREDIT) -> Self:
        """The account that ``person:…``, ``guest:…`` or another holder spends from, if opened."""
        return self.filter(holder=holder, asset=asset, purpose=Account.Purpose.WALLET)


class Account(models.Model):
    """A place where one asset rests for one holder.

    ``holder`` names its owner softly (``person:<uuid>``, ``guest:<uuid>``, ``platform``), since
    rooms above the ledger own accounts too. Platform accounts keep no running balance: one hot row
    would cost ten times as much as all the others.
    """

    class Purpose(models.TextChoices):
        WALLET = "wallet", _("To spend")
        HELD = "held", _("Set aside")
        REVENUE = "revenue", _("Earned")
        ISSUED = "issued", _("Given out")

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
                condition=Q(balance=None) | Q(balance__gte=0),
                name="ledger_balance_not_below_nothing",
            ),
            models.CheckConstraint(
                condition=Q(balance__isnull=False) | Q(holder="platform"),
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

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Leg(models.Model):
    """One side of an entry: ``amount`` more (or, negative, less) in ``account``."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="legs")
    account = models.ForeignKey(Account, models.PROTECT, related_name="legs")
    amount = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_leg_moves_something"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} in {self.account_id}"


class Hold(models.Model):
    """An amount set aside before something is called that costs, until it is settled or released.

    ``upstream_key`` is what the other side knows the call by, so that an orphan can be asked about.
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
    settled_amount = models.BigIntegerField(null=True, blank=True)
    upstream_key = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.HELD)
    made_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

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
