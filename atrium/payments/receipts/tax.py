"""The tax inside a price, in whole minor units, rounded in one place."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from atrium.options.queries import value
from atrium.options.registry import BadValue

_PERCENT = re.compile(r"([0-9]{1,2})(?:\.([0-9]{1,2}))?")
_WHOLE = 10_000  # hundredths of a percent


@dataclass(frozen=True, slots=True)
class Rate:
    """A tax and how high it is; ``hundredths`` of a percent, 0 where there is none."""

    name: str
    hundredths: int
    is_included: bool = True

    @classmethod
    def now(cls) -> "Rate":
        """Return the tax as the operator has it now."""
        return cls(
            name=str(value("receipts.tax_name")),
            hundredths=hundredths_of(str(value("receipts.tax_percent"))),
            is_included=bool(value("receipts.prices_include_tax")),
        )

    @classmethod
    def of(cls, told: dict[str, Any]) -> "Rate":
        """Return what ``as_json`` kept."""
        return cls(told["name"], told["hundredths"], told["is_included"])

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "hundredths": self.hundredths,
            "is_included": self.is_included,
        }

    @property
    def percent(self) -> str:
        whole, part = divmod(self.hundredths, 100)
        return f"{whole}.{part:02d}".rstrip("0").rstrip(".")

    def within(self, amount_minor: int) -> int:
        """Return how much of an amount is the tax; nothing where prices leave it out."""
        if not self.is_included or not self.hundredths:
            return 0
        return halves_up(amount_minor * self.hundredths, _WHOLE + self.hundredths)


def halves_up(numerator: int, denominator: int) -> int:
    """Divide whole numbers that are not negative; a half becomes one more."""
    assert numerator >= 0
    assert denominator > 0
    return (2 * numerator + denominator) // (2 * denominator)


def hundredths_of(text: str) -> int:
    """Read a percentage such as ``13`` or ``13.5``, exactly.

    :raises BadValue: for anything else
    """
    found = _PERCENT.fullmatch(text.strip(" "))
    if found is None:
        raise BadValue(_("Write a percentage with digits and a point, such as 13 or 13.5."))
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
