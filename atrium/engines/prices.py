"""Prices as an operator writes them: credits, with up to six digits behind the point."""

import re

from django.utils.translation import gettext as _

from atrium.kit.credits import MICRO
from atrium.kit.errors import Unprocessable

_PRICE = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,6}))?")


class BadPrice(Unprocessable):
    code = "bad_price"


def micro_of(text: str) -> int:
    """Return the micro-credits that a price says; nothing is a price too.

    :raises BadPrice: for signs, exponents, other scripts' digits, too much
    """
    found = _PRICE.fullmatch(text.strip(" "))
    if found is None:
        raise BadPrice(_("Write the price in credits with digits and a point, such as 0.25."))
    return int(found[1]) * MICRO + int((found[2] or "").ljust(6, "0"))


def as_written(micro: int) -> str:
    """Return a price as an operator would write it."""
    whole, rest = divmod(micro, MICRO)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")
