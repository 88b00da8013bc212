from decimal import Decimal
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from atrium.kit.credits import MICRO
from atrium.kit.ids import new_id
from atrium.kit.money import EXPONENTS, MOST_MINOR, Money


class PackageQuerySet(models.QuerySet["Package"]):
    def sold(self) -> Self:
        return self.filter(is_sold=True)

    def in_order(self) -> Self:
        return self.order_by("currency", "order", "price_minor", "id")


class Package(models.Model):
    """So many credits for a price in one currency; there are no exchange rates."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60)
    credits = models.PositiveBigIntegerField()  # micro-credits
    price_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=5)
    is_sold = models.BooleanField(default=True)
    order = models.PositiveIntegerField(default=100)

    objects = PackageQuerySet.as_manager()

    class Meta:
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(credits__gt=0, credits__lte=MOST_MINOR),
                name="plans_package_holds_something",
            ),
            models.CheckConstraint(
                condition=Q(price_minor__gt=0, price_minor__lte=MOST_MINOR),
                name="plans_package_has_a_price",
            ),
            models.CheckConstraint(
                condition=Q(currency__in=sorted(EXPONENTS)),
                name="plans_package_has_a_known_currency",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.currency}"

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def credits_shown(self) -> str:
        """How many credits it holds, without digits that say nothing."""
        exact = Decimal(self.credits).scaleb(-6)
        places = 0 if self.credits % MICRO == 0 else None
        text: str = number_format(exact.normalize() if places is None else exact, places)
        return text

    @property
    def shown(self) -> str:
        """What a form carries of it, so that nobody pays another price than they saw."""
        return f"{self.pk}:{self.price_minor}:{self.credits}"
