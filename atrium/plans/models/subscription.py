from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id
from atrium.kit.money import Money
from atrium.payments.models import Payment
from atrium.people.models import Owned, OwnedQuerySet
from atrium.plans.models.plan import Plan

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from atrium.plans.models.period import Period


class SubscriptionQuerySet(OwnedQuerySet):
    def live(self) -> Self:
        """Those that have not ended."""
        return self.filter(state__in=Subscription.LIVE)

    def to_renew(self) -> Self:
        """Those that the clock attends to: neither disputed, nor of somebody who is suspended."""
        return self.live().filter(paused_at=None, person__is_active=True)


class Subscription(Owned):
    """A member's plan that goes on from month to month, until somebody or something ends it.

    ``day`` is the day of the month on which it began, so that after a short month the next period
    begins on it again. ``price_minor`` is what a whole month of the running period costs.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAST_DUE = "past_due", _("Payment is due")
        CANCELED = "canceled", _("Ended")
        UNPAID = "unpaid", _("Ended unpaid")

    class Why(models.TextChoices):
        CANCELED = "canceled", _("It was cancelled.")
        UNPAID = "unpaid", _("Its renewal was not paid.")
        REFUNDED = "refunded", _("Its payment went back.")
        STAFF = "staff", _("Staff ended it.")

    LIVE: ClassVar = (State.ACTIVE, State.PAST_DUE)
    moves_with_claim: ClassVar[bool] = False  # a guest has none

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="subscriptions")
    next_plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, blank=True, related_name="+"
    )  # from the next period on
    price_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=8)
    gateway = models.CharField(max_length=20, blank=True)  # by which it was paid last
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    day = models.PositiveSmallIntegerField()
    began_at = models.DateTimeField()
    period_began_at = models.DateTimeField()
    period_ends_at = models.DateTimeField(db_index=True)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)  # it ends with the period
    paused_at = models.DateTimeField(null=True, blank=True)  # its payment is disputed
    # The next period, while it is not paid:
    renewal = models.ForeignKey(Payment, models.SET_NULL, null=True, blank=True, related_name="+")
    attempts = models.PositiveIntegerField(default=0)
    due_since = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    grace_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=8, choices=Why.choices, blank=True)

    periods: "RelatedManager[Period]"

    objects = SubscriptionQuerySet.as_manager()

    class Meta(Owned.Meta):
        constraints: ClassVar = [
            *Owned.Meta.constraints,
            models.CheckConstraint(
                condition=Q(person__isnull=False), name="plans_only_members_subscribe"
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state__in=("active", "past_due")),
                name="plans_one_live_subscription_each",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("active", "past_due"), ended_at=None, ended_why="")
                | ~Q(state__in=("active", "past_due")) & Q(ended_at__isnull=False),
                name="plans_ended_subscription_has_time",
            ),
            models.CheckConstraint(
                condition=Q(period_ends_at__gt=F("period_began_at")),
                name="plans_period_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=~Q(state="past_due")
                | Q(grace_until__isnull=False, due_since__isnull=False),
                name="plans_what_is_due_has_a_grace",
            ),
            models.CheckConstraint(
                condition=Q(day__gte=1, day__lte=31), name="plans_day_is_a_day_of_a_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.state}"

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def is_given(self) -> bool:
        """Whether nobody pays for it: an operator gave the plan."""
        return self.price_minor == 0 and not self.plan.is_free

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def is_past_due(self) -> bool:
        return self.state == self.State.PAST_DUE

    def gives_at(self, at: datetime) -> bool:
        """Whether the plan may be used then.

        A renewal that our own clock is late with keeps nobody waiting; a grace that is over, or a
        period that was to be the last, ends by itself.
        """
        if not self.is_live or self.paused_at:
            return False
        if self.cancel_asked_at and self.period_ends_at <= at:
            return False
        return self.grace_until is None or at < self.grace_until
