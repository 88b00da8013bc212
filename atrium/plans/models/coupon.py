from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id
from atrium.kit.money import EXPONENTS, MOST_MINOR, Money
from atrium.payments.models import Payment
from atrium.people.models import Owned
from atrium.people.models.owned import OwnedQuerySet


class CouponQuerySet(models.QuerySet["Coupon"]):
    def usable(self, *, at: datetime) -> Self:
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at), ended_at=None)


class Coupon(models.Model):
    """A code that makes something cheaper, or gives credits: once to each person, so often in all.

    What it does is never changed, so that what a page showed of it stays true. The code itself was
    shown once, to whoever made it.
    """

    class Kind(models.TextChoices):
        PERCENT = "percent", _("Percent off")
        AMOUNT = "amount", _("Amount off")
        CREDITS = "credits", _("Credits")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code_hash = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=8)  # by which staff know it in a list
    note = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=7, choices=Kind.choices)
    percent = models.PositiveSmallIntegerField(default=0)
    off_minor = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=5, blank=True)  # of the prices that it is good for
    credits = models.PositiveBigIntegerField(default=0)  # micro-credits
    uses = models.PositiveIntegerField()
    uses_left = models.PositiveIntegerField()
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CouponQuerySet.as_manager()

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="percent", percent__gte=1, percent__lte=100, off_minor=0)
                & Q(credits=0)
                | Q(kind="amount", percent=0, off_minor__gt=0, off_minor__lte=MOST_MINOR, credits=0)
                & ~Q(currency="")
                | Q(kind="credits", percent=0, off_minor=0, credits__gt=0, credits__lte=MOST_MINOR)
                & Q(currency=""),
                name="plans_coupon_does_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(currency__in=["", *sorted(EXPONENTS)]),
                name="plans_coupon_has_a_known_currency",
            ),
            models.CheckConstraint(
                condition=Q(uses__gte=1, uses_left__lte=F("uses")),
                name="plans_coupon_has_no_more_left_than_it_had",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}…"

    def off(self, price: Money) -> int:
        """Return by how many minor units it lowers the price; a part of one is rounded down."""
        if self.currency and self.currency != price.currency:
            return 0
        if self.kind == self.Kind.PERCENT:
            return price.minor * self.percent // 100
        return min(self.off_minor, price.minor)


class CouponUseQuerySet(OwnedQuerySet):
    def standing(self) -> Self:
        """Those that were not given back."""
        return self.filter(given_back_at=None)


class CouponUse(Owned):
    """Somebody's one use of a coupon; given back when what it was for was not paid."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    coupon = models.ForeignKey(Coupon, models.PROTECT, related_name="taken")
    payment = models.OneToOneField(
        Payment, models.PROTECT, null=True, blank=True, related_name="coupon_use"
    )  # none for credits, which cost nothing
    taken_as = models.CharField(max_length=64)  # whoever that was then, for a guest may be claimed
    taken_at = models.DateTimeField()
    given_back_at = models.DateTimeField(null=True, blank=True)

    objects = CouponUseQuerySet.as_manager()

    class Meta(Owned.Meta):
        constraints: ClassVar = [
            *Owned.Meta.constraints,
            # By who asked then: a person may claim a guest who has used the same coupon.
            models.UniqueConstraint(
                fields=["coupon", "taken_as"],
                condition=Q(given_back_at=None),
                name="plans_coupon_once_each",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id} {self.taken_as}"
