"""Credits, counted in millionths. What is charged is rounded up, what is owned is shown down."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from atrium.kit.money import MOST_MINOR, BadAmount

MICRO = 1_000_000
"""Micro-credits in one credit."""
_PER_PRICE = 1_000_000
_SHOWN = MICRO // 100
_AMOUNT = re.compile(r"([0-9]{1,16})(?:\.([0-9]{1,6}))?")


def charge_for(tokens: int, price_per_million: int) -> int:
    """Return what so many tokens cost, in micro-credits, rounded up once."""
    return charge_for_call([(tokens, price_per_million)])


def charge_for_call(parts: Iterable[tuple[int, int]]) -> int:
    """Return what one call costs: (tokens, micro-credits per million) of each part, rounded up."""
    total = 0
    for tokens, price in parts:
        if tokens < 0 or price < 0:
            raise ValueError("Neither tokens nor prices are negative.")
        total += tokens * price
    return -(-total // _PER_PRICE)


def shown_charge(micro: int) -> str:
    """Return a charge in credits with two digits, rounded up."""
    return _shown(-(-micro // _SHOWN))


def shown_balance(micro: int) -> str:
    """Return a balance in credits with two digits, rounded down."""
    return _shown(micro // _SHOWN)


def parse(text: str) -> int:
    """Return the credits a person wrote, in millionths: plain digits and a point, above nothing.

    :raises BadAmount: for signs, exponents, other scripts' digits, nothing, too much
    """
    found = _AMOUNT.fullmatch(text.strip(" "))
    if found is None:
        raise BadAmount(_("Write the credits with digits and a point, such as 12.50."))
    micro = int(found[1]) * MICRO + int((found[2] or "").ljust(6, "0"))
    if micro == 0:
        raise BadAmount(_("The amount must be above nothing."))
    if micro > MOST_MINOR:
        raise BadAmount(_("This amount is too large."))
    return micro


def _shown(hundredths: int) -> str:
    sign, size = "-" if hundredths < 0 else "", abs(hundredths)
    return f"{sign}{size // 100}.{size % 100:02d}"
