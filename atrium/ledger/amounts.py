"""Amounts of any asset, as people and spreadsheets read them."""

from decimal import Decimal

from django.utils.formats import number_format

from atrium.kit.credits import shown_balance, shown_charge
from atrium.kit.money import EXPONENTS
from atrium.ledger.models import CREDIT

_MICRO = 6


def digits_of(asset: str) -> int:
    """Return how many digits stand behind the point of a whole one of ``asset``."""
    return _MICRO if asset == CREDIT else EXPONENTS.get(asset, 0)


def exact(amount: int, asset: str = CREDIT) -> str:
    """Return all of the amount with a plain point, as a program or a spreadsheet reads it."""
    return f"{Decimal(amount).scaleb(-digits_of(asset)):f}"


def shown(amount: int, asset: str = CREDIT) -> str:
    """Return what is somebody's as they read it; credits are rounded down."""
    said = shown_balance(amount) if asset == CREDIT else exact(amount, asset)
    return _in_digits(said)


def shown_up(amount: int, asset: str = CREDIT) -> str:
    """Return what something costs as people read it; credits are rounded up."""
    said = shown_charge(amount) if asset == CREDIT else exact(amount, asset)
    return _in_digits(said)


def shown_change(amount: int, asset: str = CREDIT) -> str:
    """Return how much more or less it became, with its sign: more rounded down, less up."""
    if amount < 0:
        return f"−{shown_up(-amount, asset)}"
    return f"+{shown(amount, asset)}"


def _in_digits(said: str) -> str:
    places = len(said.partition(".")[2])
    text: str = number_format(Decimal(said), decimal_pos=places, force_grouping=True)
    return text.replace("-", "−")
