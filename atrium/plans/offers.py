"""What somebody asks to buy, and what it costs: pure arithmetic over whole numbers."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from atrium.kit.credits import MICRO
from atrium.kit.money import EXPONENTS, Money
from atrium.plans.models import Coupon, Package

FREE_CURRENCY = "USD"  # of amounts that people choose freely
_CENTS: int = 10 ** EXPONENTS[FREE_CURRENCY]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody asks for: a package by its id, or an amount in digits.

    ``price_minor``, ``credits`` and ``rate`` are what they were shown, where they were shown it.
    """

    package: str = ""
    price_minor: int | None = None
    credits: int | None = None
    amount: str = ""
    currency: str = FREE_CURRENCY
    rate: int | None = None  # credits per dollar
    coupon: str = ""

    def print_with(self, gateway: str) -> str:
        """Return what tells one wish from another under the same key."""
        told = json.dumps([asdict(self), gateway], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """So many micro-credits for a price, as it is now; ``rate`` where no package says it."""

    credits: int
    price: Money
    title: str
    rate: int | None = None
    package: Package | None = None
    coupon: Coupon | None = None

    @property
    def off(self) -> Money:
        """What the coupon takes off."""
        off = self.coupon.off(self.price) if self.coupon else 0
        return Money(off, self.price.currency)

    @property
    def due(self) -> Money:
        return self.price - self.off

    def as_json(self) -> dict[str, Any]:
        """Return what a payment keeps of it: a later change of prices touches nothing."""
        return {
            "credits": self.credits,
            "price_minor": self.price.minor,
            "off_minor": self.off.minor,
            "credits_per_dollar": self.rate,
            "package": str(self.package.pk) if self.package else "",
            "package_name": self.package.name if self.package else "",
            "coupon": self.coupon.prefix if self.coupon else "",
        }


def credits_for(price: Money, *, per_dollar: int) -> int:
    """Return how many micro-credits a free amount buys, rounded down to whole ones of them."""
    assert price.currency == FREE_CURRENCY
    return price.minor * per_dollar * MICRO // _CENTS


def price_for(credits_: int, *, per_dollar: int) -> Money:
    """Return the least free amount that buys so many micro-credits."""
    return Money(-(-credits_ * _CENTS // (per_dollar * MICRO)), FREE_CURRENCY)


def share(credits_: int, *, of_minor: int, back_minor: int) -> int:
    """Return the credits that belong to the part of the money that went back.

    Rounded down, and all of them with all of the money: the parts make up the whole.
    """
    return credits_ * back_minor // of_minor if of_minor else 0
