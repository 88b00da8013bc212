"""What credits can be bought with here, as the page and the API offer it."""

from dataclasses import dataclass

from atrium.kit.money import EXPONENTS, Money
from atrium.options.queries import value
from atrium.payments.gateways.protocol import Gateway
from atrium.payments.models import Payment
from atrium.payments.queries import gateways_for
from atrium.people.caller import Caller
from atrium.plans.models import Package
from atrium.plans.offers import FREE_CURRENCY, price_for


@dataclass(frozen=True, slots=True)
class FreeAmounts:
    """What people may choose themselves, in dollars."""

    per_dollar: int
    least: Money
    most: Money

    def enough_for(self, credits_: int) -> Money:
        """Return the amount that buys at least so many micro-credits, as far as it may."""
        return min(max(price_for(credits_, per_dollar=self.per_dollar), self.least), self.most)


@dataclass(frozen=True, slots=True)
class Sold:
    """What is sold in one currency, and who takes it."""

    currency: str
    packages: list[Package]
    free: FreeAmounts | None
    ways: list[Gateway]

    def enough_for(self, credits_: int) -> Package | None:
        """Return the cheapest package that holds so many micro-credits."""
        fitting = (one for one in self.packages if one.credits >= credits_)
        return min(fitting, key=lambda one: one.price_minor, default=None)


def sold_in(currency: str, caller: Caller) -> Sold:
    """Return what is sold in the currency; nothing of one that we do not know."""
    found = [one for one in packages() if one.currency == currency]
    free = free_amounts() if currency == FREE_CURRENCY else None
    ways = gateways_for(currency, caller) if currency in EXPONENTS else []
    return Sold(currency, found, free, ways)


def packages() -> list[Package]:
    """Return what is sold, in every currency."""
    return list(Package.objects.sold().in_order())


def free_amounts() -> FreeAmounts:
    return FreeAmounts(
        per_dollar=value("credits.per_dollar"),
        least=Money(value("credits.least_cents"), FREE_CURRENCY),
        most=Money(value("credits.most_cents"), FREE_CURRENCY),
    )


def currencies(caller: Caller) -> list[str]:
    """Return in which currencies something is sold that somebody takes; dollars first."""
    found = {*(one.currency for one in packages()), FREE_CURRENCY}
    taken = [one for one in found if gateways_for(one, caller)]
    return sorted(taken, key=lambda one: (one != FREE_CURRENCY, one))


def currency_for(caller: Caller, *, asked: str, among: list[str]) -> str:
    """Return the currency to show: what was asked for, what they paid in last, or the first."""
    if asked in among:
        return asked
    mine = Payment.objects.visible_to(caller).filter(currency__in=among).order_by("-opened_at")
    last: str | None = mine.values_list("currency", flat=True).first()
    return last or (among[0] if among else FREE_CURRENCY)
