"""Money in whole minor units of a currency, never in fractions that a machine rounds."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import total_ordering

from django.utils.translation import gettext as _

from atrium.kit.errors import Refusal

_BY_DIGITS = {
    0: "JPY KRW VND CLP PYG UGX XAF XOF ISK RWF",
    2: "USD EUR GBP UAH PLN CZK SEK NOK DKK CHF CAD AUD NZD INR NPR PKR LKR BDT NGN GHS KES ZAR EGP"
    " MAD BRL MXN ARS COP PEN TRY AED SAR QAR ILS CNY HKD TWD SGD MYR THB PHP IDR RON HUF GEL KZT",
    3: "KWD BHD OMR JOD TND IQD",
    8: "BTC LTC USDT USDC",
}
EXPONENTS = {name: digits for digits, names in _BY_DIGITS.items() for name in names.split()}
"""Digits behind the point; what is not listed is no currency here."""
MOST_MINOR = 10**15
_AMOUNT = re.compile(r"([0-9]{1,16})(?:\.([0-9]{1,8}))?")


class BadAmount(Refusal):
    code = "bad_amount"


class OtherCurrency(ValueError):
    """Two amounts of different currencies were put together."""


@total_ordering
@dataclass(frozen=True)
class Money:
    """An amount of one currency; negative where money flows back."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in EXPONENTS:
            raise ValueError(f"{self.currency!r} is no currency here.")
        if type(self.minor) is not int or abs(self.minor) > MOST_MINOR:
            raise ValueError(f"{self.minor!r} is no amount.")

    def __str__(self) -> str:
        digits = EXPONENTS[self.currency]
        sign, amount = "-" if self.minor < 0 else "", str(abs(self.minor)).zfill(digits + 1)
        whole = f"{amount[:-digits]}.{amount[-digits:]}" if digits else amount
        return f"{sign}{whole} {self.currency}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def shared(self, weights: Sequence[int]) -> list["Money"]:
        """Return parts in proportion to the weights, whose sum is this amount to the last unit."""
        if not weights or min(weights) < 0 or sum(weights) == 0:
            raise ValueError("Weights are not negative, and not all of them zero.")
        total, given, before = sum(weights), 0, 0
        parts = []
        for weight in weights:
            before += weight
            # Each part is what has been due up to here, less what was given up to here.
            due = self.minor * before // total
            parts.append(Money(due - given, self.currency))
            given = due
        return parts

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise OtherCurrency(f"{self} and {other} cannot be put together.")
        return other.minor


def parse(text: str, currency: str) -> Money:
    """Return the amount a person wrote with plain digits and a point, such as ``12.50``.

    :raises BadAmount: for signs, exponents, other scripts' digits, too much, too many digits
    """
    if currency not in EXPONENTS:
        raise BadAmount(_("We do not know this currency."))
    found = _AMOUNT.fullmatch(text.strip(" "))
    if found is None:
        raise BadAmount(_("Write the amount with digits and a point, such as 12.50."))
    digits = EXPONENTS[currency]
    whole, part = found[1], found[2] or ""
    if len(part) > digits:
        raise BadAmount(
            _("An amount in %(currency)s has at most %(digits)d digits behind the point.")
            % {"currency": currency, "digits": digits}
        )
    minor = int(whole + part.ljust(digits, "0"))
    if minor > MOST_MINOR:
        raise BadAmount(_("This amount is too large."))
    return Money(minor, currency)
