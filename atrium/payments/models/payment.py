from typing import TYPE_CHECKING, ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Q

from atrium.kit.ids import new_id
from atrium.kit.money import Money
from atrium.payments.states import (
    OPEN,
    DisputeFact,
    DisputeRank,
    Known,
    Progress,
    RefundFact,
    RefundRank,
    State,
)
from atrium.people.models import Owned
from atrium.people.models.owned import OwnedQuerySet

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from atrium.payments.models.dispute import Dispute
    from atrium.payments.models.refund import Refund


class PaymentQuerySet(OwnedQuerySet):
    def open(self) -> Self:
        """Those of which nothing is decided yet."""
        return self.filter(state__in=OPEN)

    def referred_to_as(self, reference: str) -> Self:
        """The one that a gateway knows by this reference of ours."""
        try:
            return self.filter(pk=UUID(hex=reference))
        except ValueError:
            return self.none()


class Payment(Owned):
    """One sum of money for one thing, through one gateway.

    Amount, currency, title, what it is for and at which rate (``snapshot``) are kept as they were
    when it was opened, so a price that changes meanwhile touches nothing. ``state`` follows from
    ``progress``, the refunds and the disputes; ``learning`` alone writes it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    opened_as = models.CharField(max_length=64)  # whoever that was then, for a guest may be claimed
    key = models.CharField(max_length=160)
    purpose = models.CharField(max_length=40)
    about_kind = models.CharField(max_length=40, blank=True)
    about_id = models.UUIDField(null=True, blank=True)
    title = models.CharField(max_length=200)
    snapshot = models.JSONField(default=dict, blank=True)

    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=5)

    gateway = models.CharField(max_length=20, blank=True)  # none where nothing had to be paid
    merchant = models.CharField(max_length=80, blank=True)
    gateway_ref = models.CharField(max_length=190, blank=True)
    transaction_ref = models.CharField(max_length=190, blank=True)
    keep_method = models.BooleanField(default=False)

    progress = models.PositiveSmallIntegerField(choices=Progress.choices, default=Progress.CREATED)
    is_unsure = models.BooleanField(default=False)  # a call that moves money had no answer
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    why = models.CharField(max_length=300, blank=True)
    # What the gateway said that does not fit ours: somebody must look before anything is given.
    needs_look = models.CharField(max_length=300, blank=True)
    differing = models.JSONField(default=dict, blank=True)  # what it said, as far as it matters
    judged_at = models.DateTimeField(null=True, blank=True)  # somebody looked at just this
    accepted = models.CharField(max_length=120, blank=True)  # what may differ, by their word

    fee_minor = models.BigIntegerField(default=0)
    returned_minor = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)

    opened_at = models.DateTimeField(db_index=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    fulfilled_at = models.DateTimeField(null=True, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    looks = models.PositiveIntegerField(default=0)
    look_next_at = models.DateTimeField(null=True, blank=True)

    refunds: "RelatedManager[Refund]"
    disputes: "RelatedManager[Dispute]"

    objects = PaymentQuerySet.as_manager()

    class Meta(Owned.Meta):
        constraints: ClassVar = [
            *Owned.Meta.constraints,
            models.UniqueConstraint(fields=["opened_as", "key"], name="payments_opened_once"),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0), name="payments_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(returned_minor__gte=0, returned_minor__lte=models.F("amount_minor")),
                name="payments_no_more_back_than_was_paid",
            ),
            models.CheckConstraint(
                condition=~Q(gateway="") | Q(amount_minor=0),
                name="payments_only_nothing_needs_no_gateway",
            ),
            # One transaction there pays for one thing here, whoever claims it.
            models.UniqueConstraint(
                fields=["gateway", "gateway_ref"],
                condition=~Q(gateway_ref=""),
                name="payments_an_order_counts_once",
            ),
            models.UniqueConstraint(
                fields=["gateway", "transaction_ref"],
                condition=~Q(transaction_ref=""),
                name="payments_a_transaction_counts_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["look_next_at"],
                name="payments_to_look_up",
                condition=Q(look_next_at__isnull=False),
            ),
            models.Index(fields=["person", "-opened_at"], name="payments_of_a_person"),
            models.Index(fields=["guest", "-opened_at"], name="payments_of_a_guest"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.amount}"

    @property
    def reference(self) -> str:
        """How gateways know it: letters and digits only, since one takes nothing else."""
        return self.pk.hex

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def kept_minor(self) -> int:
        """How much of the money we have by now."""
        return self.amount_minor - self.returned_minor if self.fulfilled_at else 0

    @property
    def effect_key(self) -> str:
        """What effects of the newest change are keyed by in the ledger, with a word for each."""
        return f"payment:{self.pk}:{self.version}"

    def known(self) -> Known:
        """Return what is known of it, from its rows."""
        refunds = [
            RefundFact(one.reference or one.pk.hex, one.amount_minor, RefundRank(one.rank))
            for one in self.refunds.all()
            if not one.is_stray
        ]
        disputes = [
            DisputeFact(one.reference, one.amount_minor, DisputeRank(one.rank))
            for one in self.disputes.all()
        ]
        return Known().and_also(Progress(self.progress), refunds, disputes)
