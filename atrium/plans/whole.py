"""Whole numbers as people write them: digits, and nothing else."""

import re

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from atrium.kit.errors import Unprocessable
from atrium.plans.models import UNLIMITED

# int() would also take "१२", "1_000" and " 12 ", which nobody may have meant.
_DIGITS = re.compile(r"-?[0-9]{1,18}")


class BadNumber(Unprocessable):
    code = "bad_number"


def whole(text: str, *, least: int, most: int) -> int:
    """Return the number that the text says.

    :raises BadNumber: with a sentence that says what would be right
    """
    told = text.strip(" ")
    if not _DIGITS.fullmatch(told):
        raise BadNumber(_("Write a whole number with digits, such as 500."))
    number = int(told)
    if not least <= number <= most:
        bounds = {"least": number_format(least), "most": number_format(most)}
        raise BadNumber(_("This is a number from %(least)s to %(most)s.") % bounds)
    return number


def bound(text: str, *, most: int) -> int:
    """Return how much is allowed; −1 is no bound.

    :raises BadNumber: for anything else
    """
    return whole(text, least=UNLIMITED, most=most)
