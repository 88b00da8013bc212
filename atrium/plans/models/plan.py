from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q

from atrium.kit.ids import new_id
from atrium.kit.money import EXPONENTS, Money

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from atrium.plans.models.allowance import Allowance
    from atrium.plans.models.subscription import Subscription

GUEST = "guest"  # the plan of whoever has no account
FREE = "basic"  # the plan of a member who pays for none
UNLIMITED = -1


class PlanQuerySet(models.QuerySet["Plan"]):
    def sold(self) -> Self:
        """Those that a person may choose, the free one among them."""
        return self.filter(is_sold=True)

    def in_order(self) -> Self:
        return self.order_by("order", "price_minor", "slug")


class Plan(models.Model):
    """What somebody may use, for so much a month.

    ``storage_bytes`` is None where the options of files decide. A price that rises reaches running
    subscriptions only some days after ``price_changed_at``.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    price_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=8, default="USD")
    tokens_per_window = models.BigIntegerField()  # in six hours; UNLIMITED is counted all the same
    monthly_credits = models.PositiveBigIntegerField(default=0)  # micro-credits
    storage_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    order = models.PositiveIntegerField(default=100)
    is_sold = models.BooleanField(default=True)
    price_changed_at = models.DateTimeField(null=True, blank=True)

    allowances: "RelatedManager[Allowance]"
    subscriptions: "RelatedManager[Subscription]"

    objects = PlanQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(tokens_per_window__gte=UNLIMITED),
                name="plans_tokens_are_a_number_or_unlimited",
            ),
            models.CheckConstraint(
                condition=Q(currency__in=sorted(EXPONENTS)), name="plans_plan_has_a_known_currency"
            ),
            models.CheckConstraint(
                condition=Q(price_minor__gt=0) | Q(monthly_credits=0),
                name="plans_only_what_is_paid_gives_credits",
            ),
            models.CheckConstraint(
                condition=~Q(slug__in=(GUEST, FREE)) | Q(price_minor=0),
                name="plans_of_everybody_cost_nothing",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def is_free(self) -> bool:
        return self.price_minor == 0

    @property
    def is_unlimited(self) -> bool:
        return self.tokens_per_window == UNLIMITED
